import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/svelte';
import { afterEach } from 'vitest';

// A busy machine is no failure.
configure({ asyncUtilTimeout: 5_000 });

// jsdom has no canvas, and says so each time that axe-core looks for one.
HTMLCanvasElement.prototype.getContext = () => null;

afterEach(cleanup);
