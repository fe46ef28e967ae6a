import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const tauriOnlyInClient = {
  paths: [{ name: '@lucide/svelte', message: 'Import icons one by one from @lucide/svelte/icons/NAME.' }],
  patterns: [
    {
      group: ['@tauri-apps/*', '**/bindings', '**/bindings.js'],
      allowTypeImports: true,
      message: 'Import from $lib/api/client.',
    },
  ],
};

export default ts.config(
  { ignores: ['dist', 'dist-fake', 'node_modules', 'src/lib/api/bindings.ts', '.svelte-kit'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  ...svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-restricted-imports': ['error', tauriOnlyInClient],
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // The content security policy refuses style attributes; `style:` directives go through the CSSOM.
      'no-restricted-syntax': [
        'error',
        { selector: 'SvelteAttribute[key.name="style"]', message: 'Use classes or style: directives.' },
      ],
    },
  },
  { files: ['src/lib/api/client.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
);
