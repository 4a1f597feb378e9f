import type { PolicyFaces } from '@dipper/contract/policy-body';
import type { Logger } from 'pino';
import type { FaceTemplate } from '../../vision/face-embedder.ts';
import type { Enrolled } from '../../vision/template-match.ts';
import { createTemplateCipher, type TemplateCipher } from './template-cipher.ts';
import { loadTemplateKeys } from './template-keys.ts';
import { openTemplateRows, type TemplateRow } from './template-rows.ts';

export interface TemplateStoreOptions {
  /** SQLite file. */
  readonly path: string;
  /** Keys of the estate, see `loadTemplateKeys`; not in the folder of `path` if backups take that. */
  readonly keyFile: string;
  /** Templates of another model do not compare: they are erased. */
  readonly model: string;
  readonly log: Logger;
}

/** Why a template went. */
export type ErasureReason =
  | 'withdrawn'
  | 'not-in-policy'
  | 'consent-expired'
  | 'policy-expired'
  | 'model-changed'
  | 'unreadable';

export interface Erasure {
  readonly holder: string;
  readonly consent: string;
  readonly reason: ErasureReason;
}

export interface NewTemplates {
  readonly holder: string;
  readonly consent: string;
  readonly accessPoints: readonly string[];
  readonly templates: readonly FaceTemplate[];
  readonly enrolledAtMs: number;
}

export interface TemplateStore {
  readonly count: number;
  /** Takes the place of whatever the holder had. */
  put(enrolled: NewTemplates): void;
  /**
   * Those to compare with at an access point: enrolled for it, by the template and by the policy, with a consent whose time is
   * not over, while the assessment's is not either. Nobody without a policy.
   */
  enrolledAt(accessPoint: string, faces: PolicyFaces | undefined, nowMs: number): Enrolled[];
  /** Erases whatever a policy does not name with the same consent, and whatever consent is over. */
  keepOnly(faces: PolicyFaces | undefined, nowMs: number): Erasure[];
  /** Erases a holder's template if it was made under this consent: they may have given another one since. Undefined when there is none. */
  erase(of: Pick<Erasure, 'holder' | 'consent'>, reason: ErasureReason): Erasure | undefined;
  eraseAll(reason: ErasureReason): Erasure[];
  /** What had to go when the store was opened. */
  readonly erasedAtOpening: readonly Erasure[];
  close(): void;
}

interface Held extends Omit<TemplateRow, 'sealed'> {
  readonly templates: readonly FaceTemplate[];
}

/**
 * The face templates of one edge, sealed on disk and open only in memory. Nothing of them leaves this folder of code but the
 * comparison: no event, no log line and no command carries one.
 *
 * @throws TemplateError about the key file
 */
export async function openTemplateStore(options: TemplateStoreOptions): Promise<TemplateStore> {
  const { log, model } = options;
  const rows = openTemplateRows(options.path);
  let ciphers: TemplateCipher[];
  try {
    ciphers = (await loadTemplateKeys(options.keyFile, rows.list().length > 0)).map(createTemplateCipher);
  } catch (error) {
    rows.close();
    throw error;
  }
  const [first] = ciphers as [TemplateCipher, ...TemplateCipher[]];
  const held = new Map<string, Held>();
  const erasedAtOpening: Erasure[] = [];

  function erase(holder: string, reason: ErasureReason): Erasure | undefined {
    const entry = held.get(holder);
    if (entry === undefined) return undefined;
    // Disk first: who was told that it is gone is told the truth.
    rows.remove(holder);
    held.delete(holder);
    for (const template of entry.templates) template.fill(0);
    log.info({ holder, consent: entry.consent, reason }, 'face template erased');
    return { holder, consent: entry.consent, reason };
  }

  for (const { sealed, ...row } of rows.list()) {
    const cipher = ciphers.find(({ keyId }) => keyId === row.keyId);
    try {
      if (cipher === undefined) throw new Error('sealed under a key that is not in the key file');
      held.set(row.holder, { ...row, templates: cipher.open(sealed, row) });
    } catch (error) {
      log.error({ holder: row.holder, err: error }, 'a face template does not open; it is erased');
      held.set(row.holder, { ...row, templates: [] });
      const gone = erase(row.holder, 'unreadable');
      if (gone !== undefined) erasedAtOpening.push(gone);
      continue;
    }
    if (row.model !== model) {
      const gone = erase(row.holder, 'model-changed');
      if (gone !== undefined) erasedAtOpening.push(gone);
    } else if (cipher !== first) put(held.get(row.holder) as Held);
  }

  function put(entry: Omit<Held, 'keyId' | 'model'>): void {
    const row = { ...entry, model, keyId: first.keyId };
    const { templates, ...identity } = row;
    rows.put({ ...identity, sealed: first.seal(templates, identity) });
    held.set(entry.holder, row);
  }

  const entryFor = (faces: PolicyFaces | undefined, { holder, consent }: Held) =>
    faces?.enrolled.find((entry) => entry.holder === holder && entry.consent === consent);

  return {
    get count() {
      return held.size;
    },
    put: (enrolled) => put({ ...enrolled, templates: enrolled.templates.map((template) => template.slice()) }),
    enrolledAt(accessPoint, faces, nowMs) {
      const { assessment } = faces ?? {};
      if (assessment === undefined || Date.parse(assessment.validUntil) <= nowMs) return [];
      return [...held.values()].filter((one) => {
        const entry = entryFor(faces, one);
        const isAllowed = entry?.accessPoints.includes(accessPoint) && Date.parse(entry.validUntil) > nowMs;
        return isAllowed === true && one.accessPoints.includes(accessPoint);
      });
    },
    keepOnly(faces, nowMs) {
      const erasures: (Erasure | undefined)[] = [];
      for (const one of [...held.values()]) {
        const entry = entryFor(faces, one);
        if (entry === undefined) erasures.push(erase(one.holder, 'not-in-policy'));
        else if (Date.parse(entry.validUntil) <= nowMs) erasures.push(erase(one.holder, 'consent-expired'));
      }
      return erasures.filter((erasure) => erasure !== undefined);
    },
    erase: ({ holder, consent }, reason) => (held.get(holder)?.consent === consent ? erase(holder, reason) : undefined),
    eraseAll: (reason) => [...held.keys()].map((holder) => erase(holder, reason)).filter((one) => one !== undefined),
    erasedAtOpening,
    close: () => rows.close(),
  };
}
