import type { Generated } from 'kysely';

/** Table of migration 0012. */
export type HubKeyTables = {
  readonly 'dipper.hub_key': {
    kid: string;
    ordinal: Generated<string>;
    x: string;
    state: 'next' | 'current' | 'retired';
    sealed: Buffer | null;
    made_at: Date;
    current_at: Date | null;
    retired_at: Date | null;
  };
};
