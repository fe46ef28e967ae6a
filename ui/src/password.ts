import '$lib/styles/base.css';
import { inApp, use } from '$lib/api/client';
import PasswordApp from '$lib/features/password/PasswordApp.svelte';
import { mount } from 'svelte';

/** In a browser there is no backend: while designing, the fake stands in; a released build holds no fake. */
if ((import.meta.env.DEV || import.meta.env.MODE === 'fake') && !inApp()) {
  const { fakeFromAddress } = await import('$lib/api/fake');
  use(fakeFromAddress(location.search));
}

mount(PasswordApp, { target: document.getElementById('app') ?? document.body });
