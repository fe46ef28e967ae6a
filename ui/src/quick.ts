import '$lib/styles/base.css';
import { inApp, use } from '$lib/api/client';
import QuickApp from '$lib/features/quick/QuickApp.svelte';
import { mount } from 'svelte';

/** In a browser there is no backend: while designing, the fake stands in; a released build holds no fake. */
if ((import.meta.env.DEV || import.meta.env.MODE === 'fake') && !inApp()) {
  const { fakeFromAddress } = await import('$lib/api/fake');
  use(fakeFromAddress(location.search));
}

mount(QuickApp, { target: document.getElementById('app') ?? document.body });
