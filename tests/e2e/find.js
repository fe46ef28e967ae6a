// Finds elements as assistive technology names them. Prepended to every look-up, so it leaves nothing in the page.

const IMPLICIT = {
  alert: '',
  article: 'article',
  banner: 'header',
  button: 'button, summary, input[type=button], input[type=submit], input[type=reset]',
  checkbox: 'input[type=checkbox]:not([role])',
  combobox: 'select:not([multiple]):not([size])',
  dialog: 'dialog',
  form: 'form',
  group: 'fieldset, details',
  heading: 'h1, h2, h3, h4, h5, h6',
  img: 'img, svg[aria-label], svg[role=img]',
  link: 'a[href]',
  list: 'ul, ol',
  listitem: 'li',
  main: 'main',
  navigation: 'nav',
  option: 'option',
  progressbar: 'progress',
  radio: 'input[type=radio]',
  region: 'section[aria-label], section[aria-labelledby]',
  row: 'tr',
  searchbox: 'input[type=search]',
  slider: 'input[type=range]',
  spinbutton: 'input[type=number]',
  status: 'output',
  table: 'table',
  textbox:
    'textarea, input:not([type]), input[type=text], input[type=password], input[type=email], input[type=tel], input[type=url], input[type=search], input[type=number]',
};

function isShown(element) {
  if (!element.isConnected || element.closest('[aria-hidden=true], [inert], [hidden]')) return false;
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true });
}

function referenced(element, attribute) {
  const ids = (element.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean);
  return ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
}

function tidy(text) {
  return text.replace(/\s+/g, ' ').trim();
}

function spoken(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches('[aria-hidden=true], style, script, [hidden]')) return '';
  const own = node.getAttribute('aria-label') ?? (node.matches('img') ? node.alt : null);
  if (own !== null) return ` ${own} `;
  const inner = [...node.childNodes].map(spoken).join('');
  return getComputedStyle(node).display.startsWith('inline') ? inner : ` ${inner} `;
}

function accessibleName(element) {
  const labels = [...(element.labels ?? [])].map(spoken).join(' ');
  const candidates = [
    referenced(element, 'aria-labelledby'),
    element.getAttribute('aria-label') ?? '',
    labels,
    element.matches('input[type=submit], input[type=button]') ? element.value : '',
    element.matches('fieldset') ? (element.querySelector('legend')?.textContent ?? '') : '',
    element.matches('input, textarea, select, dialog, [role=dialog], [role=textbox]') ? '' : [...element.childNodes].map(spoken).join(''),
    element.getAttribute('alt') ?? '',
    element.getAttribute('title') ?? '',
    element.getAttribute('placeholder') ?? '',
  ];
  return tidy(candidates.find((candidate) => tidy(candidate) !== '') ?? '');
}

function roleOf(element) {
  const own = element.getAttribute('role');
  if (own) return own.split(' ')[0];
  return Object.keys(IMPLICIT).find((role) => IMPLICIT[role] !== '' && element.matches(IMPLICIT[role])) ?? element.localName;
}

function byRole(role, name, within) {
  const implicit = IMPLICIT[role] ?? '';
  const selector = [`[role~="${role}"]`, implicit].filter(Boolean).join(', ');
  const shown = [...(within ?? document).querySelectorAll(selector)].filter(
    (element) => isShown(element) && (!element.hasAttribute('role') || roleOf(element) === role || implicit === ''),
  );
  if (name === null || name === undefined) return shown;
  const named = shown.map((element) => [element, accessibleName(element)]);
  const exact = named.filter(([, found]) => found === name);
  const chosen = exact.length > 0 ? exact : named.filter(([, found]) => found.toLowerCase().includes(name.toLowerCase()));
  return chosen.map(([element]) => element);
}

function byTestId(value) {
  return [...document.querySelectorAll(`[data-testid="${CSS.escape(value)}"]`)].find(isShown) ?? null;
}

function describedBy(element) {
  return tidy(`${referenced(element, 'aria-errormessage')} ${referenced(element, 'aria-describedby')}`);
}

function focused() {
  const element = document.activeElement;
  return element ? [roleOf(element), accessibleName(element)] : ['', ''];
}

function choose(select, text) {
  const option = [...select.options].find((one) => tidy(one.textContent) === text || one.value === text);
  if (!option) throw new Error(`no option ${text}`);
  select.value = option.value;
  select.dispatchEvent(new Event('input', { bubbles: true }));
  select.dispatchEvent(new Event('change', { bubbles: true }));
}
