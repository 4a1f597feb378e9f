import { readFile, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { Enrolment } from '@dipper/contract/api/enrolment';
import { readStrictYaml } from '@dipper/contract/strict-yaml';
import { editYaml, type YamlChange } from '@dipper/contract/yaml-edit';
import { replaceFile } from '../../link/replace-file.ts';
import { ConfigInvalidError } from '../config/config-error.ts';
import { EdgeConfigFile } from '../config/config-schema.ts';
import { EnrolError } from './enrol-error.ts';

/** The edge's configuration and the files of its login, which it names. */
export interface EdgeFile {
  /** Absolute: where each belongs. */
  readonly passwordFile: string;
  readonly hubKeysFile: string;
  readonly brokerCaFile: string;
  readonly credentialKeyFile: string;
  /** Enters who the agent is and where its login lies; the rest stays as it was. @throws EnrolError ENROLMENT_OTHER_AGENT */
  check(enrolment: Enrolment): void;
  write(enrolment: Enrolment): Promise<void>;
}

/** What a first configuration says besides. */
const NEW_FILE = `# config/edge.yaml of the repository explains every key. Cameras and gates are entered here.
dataDir: data
media:
  keyFile: secrets/media.key
cameras: []
`;
/** Where a configuration does not say. */
const PLACES = {
  passwordFile: 'secrets/mqtt-password',
  hubKeys: 'secrets/hub-keys.json',
  ca: 'secrets/broker-ca.crt',
  credentialKey: 'secrets/credential.key',
};

/** Stands in for the answer of a hub, to see beforehand whether the rest of a configuration can be used. */
const ANY_ENROLMENT: Enrolment = {
  estate: 'any',
  agent: 'any',
  mqtt: { url: 'mqtts://any', protocolVersion: 5, username: 'any/any', ca: null },
  hubKeys: [],
};

/**
 * Reads the configuration that an agent enrols for, or begins a new one where there is none.
 * @param hubCaFile certificate of the authority that vouches for the hub; entered as well
 * @throws ConfigInvalidError when it cannot be used, before anybody is asked anything
 */
export async function openEdgeFile(path: string, hubCaFile: string | undefined): Promise<EdgeFile> {
  const folder = dirname(resolve(path));
  const { text, mode } = await readOrBegin(path);
  const given = valuesOf(text, path);
  const places = {
    passwordFile: given.mqtt?.passwordFile ?? PLACES.passwordFile,
    hubKeys: given.hub?.publicKeyFile ?? PLACES.hubKeys,
    ca: given.mqtt?.caFile ?? PLACES.ca,
    credentialKey: given.policy?.credentialKeyFile ?? PLACES.credentialKey,
  };
  const changesFor = ({ estate, agent, mqtt, credentialKey }: Enrolment): YamlChange[] => [
    { path: ['estate'], value: estate },
    { path: ['agent'], value: agent },
    { path: ['hub', 'publicKeyFile'], value: places.hubKeys },
    ...(hubCaFile === undefined ? [] : [{ path: ['hub', 'caFile'], value: relative(folder, resolve(hubCaFile)) }]),
    { path: ['mqtt', 'url'], value: mqtt.url },
    { path: ['mqtt', 'protocolVersion'], value: mqtt.protocolVersion },
    { path: ['mqtt', 'caFile'], value: mqtt.ca === null ? undefined : places.ca },
    { path: ['mqtt', 'username'], value: mqtt.username },
    { path: ['mqtt', 'passwordFile'], value: places.passwordFile },
    { path: ['mqtt', 'passwordEnv'], value: undefined },
    ...(credentialKey === undefined ? [] : [{ path: ['policy', 'credentialKeyFile'], value: places.credentialKey }]),
  ];
  const { problems } = readStrictYaml(editYaml(text, changesFor(ANY_ENROLMENT)), EdgeConfigFile);
  if (problems.length > 0) throw new ConfigInvalidError(path, problems);
  return {
    passwordFile: resolve(folder, places.passwordFile),
    hubKeysFile: resolve(folder, places.hubKeys),
    brokerCaFile: resolve(folder, places.ca),
    credentialKeyFile: resolve(folder, places.credentialKey),
    check({ estate, agent }) {
      const isSame = (given.estate ?? estate) === estate && (given.agent ?? agent) === agent;
      if (isSame) return;
      throw new EnrolError(
        'ENROLMENT_OTHER_AGENT',
        `The code is for agent ${agent} of ${estate}, and ${path} is that of ${given.agent} of ${given.estate}. Name another file, or correct estate and agent in it, and run the command again with the same code.`,
      );
    },
    async write(enrolment) {
      const changed = editYaml(text, changesFor(enrolment));
      if (changed !== text || mode === undefined) await replaceFile(path, changed, mode);
    },
  };
}

async function readOrBegin(path: string): Promise<{ text: string; mode: number | undefined }> {
  try {
    return { text: await readFile(path, 'utf8'), mode: (await stat(path)).mode & 0o777 };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { text: NEW_FILE, mode: undefined };
    throw new ConfigInvalidError(path, [(cause as Error).message], { cause });
  }
}

interface GivenValues {
  readonly estate?: string;
  readonly agent?: string;
  readonly hub?: { readonly publicKeyFile?: string };
  readonly mqtt?: { readonly passwordFile?: string; readonly caFile?: string };
  readonly policy?: { readonly credentialKeyFile?: string };
}

/** What it says so far; that it is all of the right form is seen once the rest is entered. */
function valuesOf(text: string, path: string): GivenValues {
  const { value, problems } = readStrictYaml(text, EdgeConfigFile);
  if (value === undefined && problems.length > 0) throw new ConfigInvalidError(path, problems);
  const { estate, agent, hub, mqtt, policy } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const textIn = (section: unknown, key: string): string | undefined => {
    const found = (section as Readonly<Record<string, unknown>> | null | undefined)?.[key];
    return typeof found === 'string' ? found : undefined;
  };
  const known = (entries: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return {
    ...known({ estate: textIn({ estate }, 'estate'), agent: textIn({ agent }, 'agent') }),
    hub: known({ publicKeyFile: textIn(hub, 'publicKeyFile') }),
    policy: known({ credentialKeyFile: textIn(policy, 'credentialKeyFile') }),
    mqtt: known({ passwordFile: textIn(mqtt, 'passwordFile'), caFile: textIn(mqtt, 'caFile') }),
  };
}
