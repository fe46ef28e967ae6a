// Calls a command as the page's own script would. Arguments of the form {"seal": text} cross sealed, as secrets do.

const [command, given, done] = arguments;
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const INFO = new TextEncoder().encode('undercroft ipc 1');
const { invoke } = window.__TAURI_INTERNALS__;

const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

async function seal(text) {
  const own = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
  const peer = await crypto.subtle.importKey('raw', fromBase64(await invoke('sealing_key')), CURVE, false, []);
  const agreed = await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, own.privateKey, 256);
  const material = await crypto.subtle.importKey('raw', agreed, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: INFO };
  const key = await crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(text);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: INFO }, key, plain);
  return { key: toBase64(await crypto.subtle.exportKey('raw', own.publicKey)), iv: toBase64(iv), data: toBase64(data) };
}

async function sealed(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return Promise.all(value.map(sealed));
  if (Object.keys(value).join() === 'seal') return seal(value.seal);
  const entries = Object.entries(value).map(async ([name, part]) => [name, await sealed(part)]);
  return Object.fromEntries(await Promise.all(entries));
}

sealed(given)
  .then((ready) => invoke(command, ready))
  .then(
    (answer) => done({ answer: answer ?? null }),
    (refused) => done({ refused: refused instanceof Error ? String(refused) : refused }),
  );
