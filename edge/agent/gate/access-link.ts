import type { HubKey } from '@dipper/contract/hub-key';
import type {
  AccessSetup,
  FactorOffered,
  Forgive,
  Forgiven,
  PolicyNote,
  PolicyOffered,
  Trust,
  Whom,
} from '../../access/access-messages.ts';

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
  take(note: PolicyNote | Forgiven): void;
  /**
   * Has it forget where people are; `id` is the command's. @returns of how many it was known
   * @throws AccessFailedError MEMORY_UNWRITABLE, GATE_ABORTED where the process ends before it answers
   */
  forgive(id: string, whom: Whom): Promise<number>;
  /** The process has ended. */
  end(): void;
  /** What it goes by, as it last said; undefined until it has. */
  readonly policy: { readonly version: number | undefined; readonly refused: string | undefined } | undefined;
}

/** Something about access that the gate process did not do. */
export class AccessFailedError extends Error {
  readonly code: 'MEMORY_UNWRITABLE' | 'GATE_ABORTED';
  constructor(code: AccessFailedError['code'], message: string) {
    super(message);
    this.name = 'AccessFailedError';
    this.code = code;
  }
}

/** @param setup undefined: nothing is decided here */
export function createAccessLink(
  send: (message: AccessSetup | Trust | PolicyOffered | FactorOffered | Forgive) => void,
  setup: Omit<AccessSetup, 'type'> | undefined,
): AccessLink {
  let trust: Trust | undefined;
  let offered: PolicyOffered | undefined;
  let note: PolicyNote | undefined;
  let isListening = false;
  const forgiving = new Map<string, PromiseWithResolvers<number>>();
  const tell: typeof send = (message) => {
    if (isListening) send(message);
  };

  function settle({ id, forgotten }: Forgiven): void {
    const asked = forgiving.get(id);
    forgiving.delete(id);
    if (forgotten !== undefined) asked?.resolve(forgotten);
    else asked?.reject(new AccessFailedError('MEMORY_UNWRITABLE', 'It could not be written down.'));
  }

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
      if (next.type === 'policy-note') note = next;
      else settle(next);
    },
    forgive(id, whom) {
      if (!isListening) return Promise.reject(new AccessFailedError('GATE_ABORTED', 'No gate process runs.'));
      const asked = Promise.withResolvers<number>();
      forgiving.set(id, asked);
      send({ type: 'forgive', id, whom });
      return asked.promise;
    },
    end() {
      isListening = false;
      for (const { reject } of forgiving.values()) {
        reject(new AccessFailedError('GATE_ABORTED', 'The gate process ended meanwhile.'));
      }
      forgiving.clear();
    },
    get policy() {
      return note && { version: note.version, refused: note.refused };
    },
  };
}
