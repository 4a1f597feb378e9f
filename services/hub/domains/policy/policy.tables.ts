import type { Selectable } from 'kysely';

/** Of migration 0018: what edges are told, and the keys under which they know credentials. */
export type PolicyTables = {
  readonly 'dipper.access_revision': { estate: string; revision: string };
  readonly 'dipper.credential_key': {
    agent: string;
    estate: string;
    id: string;
    sealed: Buffer;
    made_at: Date;
  };
  readonly 'dipper.agent_policy': {
    agent: string;
    estate: string;
    version: number;
    revision: string;
    credential_key: string;
    content_sha256: string;
    body: string;
    sha256: string;
    changed_at: Date;
    jws: string;
    signed_by: string;
    body_url: string;
    issued_at: Date;
    expires_at: Date;
    published_at: Date | null;
    acked_version: number | null;
    acked_at: Date | null;
    behind_since: Date | null;
    problem: string | null;
  };
};

export type PolicyRow = Selectable<PolicyTables['dipper.agent_policy']>;
