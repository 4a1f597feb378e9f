import { replaceFile } from '../../link/replace-file.ts';
import { askHub, type HubAddress } from './ask-hub.ts';
import { awaitBroker } from './await-broker.ts';
import { openEdgeFile } from './edge-file.ts';
import { EnrolError } from './enrol-error.ts';
import { openEnrolmentJournal } from './enrolment-journal.ts';

/** With such a code this password will never be taken. */
const HOPELESS: readonly string[] = ['ENROLMENT_CODE_WRONG', 'ENROLMENT_CODE_USED', 'ENROLMENT_CODE_EXPIRED'];

export interface EnrolOptions {
  readonly hub: HubAddress & { readonly caFile?: string };
  readonly code: string;
  /** The edge's configuration; begun where there is none. */
  readonly configFile: string;
  /** One short sentence for whoever waits. */
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings an agent in: exchanges a one-time code for its login at the broker and the keys of the hub, and writes both to
 * files of mode 0600 that its configuration refers to. Cut off anywhere, it can be run again with the same code.
 *
 * @returns `estate/agent`
 * @throws ConfigInvalidError, EnrolError, and LinkError when all is written and the broker does not let the agent in
 */
export async function enrol({ hub, code, configFile, onProgress, signal }: EnrolOptions): Promise<string> {
  const file = await openEdgeFile(configFile, hub.caFile);
  const journal = openEnrolmentJournal(configFile);
  const { password, passwordHash } = await journal.begin(code);
  const enrolment = await askHub(hub, { code, passwordHash, credentialKey: true }, signal).catch(
    async (error: unknown) => {
      if (error instanceof EnrolError && HOPELESS.includes(error.code)) await journal.end();
      throw error;
    },
  );
  file.check(enrolment);
  const { mqtt, hubKeys, credentialKey } = enrolment;
  // The time makes it another file than the one before: what the agent has learnt since counts no longer.
  const pinned = { keys: hubKeys, enrolledAt: new Date().toISOString() };
  await replaceFile(file.hubKeysFile, `${JSON.stringify(pinned, null, 2)}\n`);
  if (mqtt.ca !== null) await replaceFile(file.brokerCaFile, mqtt.ca);
  await replaceFile(file.passwordFile, `${password}\n`);
  if (credentialKey !== undefined) await replaceFile(file.credentialKeyFile, `${credentialKey}\n`);
  await file.write(enrolment);
  await journal.end();
  onProgress(`enrolled as ${mqtt.username}: ${configFile} is ready`);
  const { url, protocolVersion, username, ca } = mqtt;
  await awaitBroker({ url, protocolVersion, username, password, ...(ca !== null && { ca }) }, signal);
  onProgress(`the broker at ${url} lets it in`);
  return mqtt.username;
}
