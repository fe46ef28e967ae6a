/**
 * Secrets on their way between the page and the backend.
 *
 * Whatever crosses Tauri's IPC leaves copies in the allocators of both sides, so a secret crosses only as ciphertext:
 * a one-time P-256 agreement (ECDH), HKDF-SHA-256 with an empty salt and the info `undercroft ipc 1`, and AES-256-GCM
 * with the same text as associated data. The other side is the backend's module of the same name.
 */
import { fromBase64, toBase64 } from './base64';
import { commands, Failure } from './client';
import type { Sealed } from './client';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;
const INFO = new TextEncoder().encode('undercroft ipc 1');

function pair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
}

async function publicText(key: CryptoKey): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', key)));
}

async function sharedKey(own: CryptoKey, other: string, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  const peer = await crypto.subtle.importKey('raw', fromBase64(other), CURVE, false, []);
  const agreed = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, own, 256));
  const material = await crypto.subtle.importKey('raw', agreed, 'HKDF', false, ['deriveKey']);
  agreed.fill(0);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: INFO };
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, [use]);
}

/** Encrypts `text` to the holder of `publicKey`, under a fresh key pair of our own. */
export async function sealTo(publicKey: string, text: string): Promise<Sealed> {
  const own = await pair();
  const key = await sharedKey(own.privateKey, publicKey, 'encrypt');
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(text);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: INFO }, key, plain);
  plain.fill(0);
  return { key: await publicText(own.publicKey), iv: toBase64(iv), data: toBase64(new Uint8Array(data)) };
}

/** Encrypts what was typed into a secret field for the backend. Each call asks for a new one-time key. */
export async function sealField(text: string): Promise<Sealed> {
  return sealTo(await commands.sealingKey(), text);
}

/** One answer's way back: `key` goes along with the request, `open` reads the sealed answer. */
export interface Reader {
  readonly key: string;
  open(sealed: Sealed): Promise<string>;
}

/** Makes a one-time key pair for one sealed answer of the backend. */
export async function reader(): Promise<Reader> {
  const own = await pair();
  return {
    key: await publicText(own.publicKey),
    async open(sealed) {
      try {
        const key = await sharedKey(own.privateKey, sealed.key, 'decrypt');
        const parameters = { name: 'AES-GCM', iv: fromBase64(sealed.iv), additionalData: INFO };
        const plain = new Uint8Array(await crypto.subtle.decrypt(parameters, key, fromBase64(sealed.data)));
        const text = new TextDecoder().decode(plain);
        plain.fill(0);
        return text;
      } catch {
        throw new Failure({ code: 'bad-message' });
      }
    },
  };
}
