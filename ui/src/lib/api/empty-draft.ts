import type { ProfileDraft } from './client';

/** A draft with nothing typed yet. */
export function emptyDraft(kind: string): ProfileDraft {
  return {
    id: null,
    name: '',
    kind,
    identity: null,
    key: null,
    mfa: { kind: 'if-there' },
    source: null,
    role: '',
    external_id: '',
    session_name: '',
    source_identity: '',
    tags: [],
    policy: '',
    policy_arns: [],
    token: null,
    sso: null,
    region: '',
    output: '',
    duration: '',
    notes: '',
    approval: null,
  };
}
