import type { HubKey } from '@dipper/contract/hub-key';
import type { AccessSetup, FactorOffered, PolicyNote, PolicyOffered, Trust } from '../../access/access-messages.ts';

/** A factor without what only the messages need. */
export type OfferedFactor = FactorOffered extends infer F ? (F extends FactorOffered ? Omit<F, 'type'> : never) : never;

export interface GateTrust {
  readonly hubKeys: readonly HubKey[];
  /** 32 bytes; undefined while this edge has none. */
  readonly credentialKey: Uint8Array | undefined;
}

/** What the gate process is told about access, and told again when a new one has been started. */
export interface AccessLink {
  /** A process has begun to listen: it is told everything. */
  begin(): void;
  /** Which hub it believes and how it knows credentials; again at each change. */
  setTrust(trust: GateTrust): void;
  /** A policy lies there (`PolicyFile`); it verifies it by itself. */
  setPolicy(policy: { readonly file: string }): void;
  /** Somebody asks to be let through. Comes to nothing while there is no process: a plate is read again. */
  offerFactor(factor: OfferedFactor): void;
  take(note: PolicyNote): void;
  /** What it goes by, as it last said; undefined until it has. */
  readonly policy: { readonly version: number | undefined; readonly refused: string | undefined } | undefined;
}

/** @param setup undefined: nothing is decided here */
export function createAccessLink(
  send: (message: AccessSetup | Trust | PolicyOffered | FactorOffered) => void,
  setup: Omit<AccessSetup, 'type'> | undefined,
): AccessLink {
  let trust: Trust | undefined;
  let offered: PolicyOffered | undefined;
  let note: PolicyNote | undefined;
  let isListening = false;
  const tell: typeof send = (message) => {
    if (isListening) send(message);
  };

  return {
    begin() {
      note = undefined;
      isListening = setup !== undefined;
      if (setup !== undefined) tell({ type: 'access', ...setup });
      if (trust !== undefined) tell(trust);
      if (offered !== undefined) tell(offered);
    },
    setTrust({ hubKeys, credentialKey }) {
      const key = credentialKey && Buffer.from(credentialKey).toString('base64url');
      trust = { type: 'trust', hubKeys: [...hubKeys], ...(key === undefined ? {} : { credentialKey: key }) };
      tell(trust);
      // What it has refused for its signature it may believe now.
      if (offered !== undefined && note?.version === undefined) tell(offered);
    },
    setPolicy({ file }) {
      offered = { type: 'policy', file };
      tell(offered);
    },
    offerFactor: (factor) => tell({ type: 'factor', ...factor }),
    take(next) {
      note = next;
    },
    get policy() {
      return note && { version: note.version, refused: note.refused };
    },
  };
}
