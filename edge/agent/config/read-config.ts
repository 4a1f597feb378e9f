import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CREDENTIAL_KEY_BYTES } from '@dipper/contract/credential-hmac';
import { nameOfPath, readStrictYaml } from '@dipper/contract/strict-yaml';
import { modelsDir } from '@dipper/models/ensure-models';
import type { Static } from 'typebox';
import { abilityProblems } from '../../access/gate-abilities.ts';
import type { GateConfig } from '../../access/gate-config.ts';
import type { ReaderConfig } from '../../access/readers/reader-config.ts';
import type { BrokerAddress } from '../../link/mqtt-session.ts';
import type { Quirk } from '../../onvif/quirks.ts';
import type { RecordingBudget } from '../../video/recording/recording-retention.ts';
import type { MotionWatchOptions, Polygon } from '../../vision/motion-watch.ts';
import { RECORDING_TRIGGERS, type RecordingTrigger } from '../camera/recording-triggers.ts';
import { ConfigInvalidError } from './config-error.ts';
import { type CameraSection, EdgeConfigFile, type GateSection } from './config-schema.ts';
import { readerFrom } from './reader-section.ts';

/** How to reach a device. The password is here because devices are asked for it; it is never logged. */
export interface DeviceLogin {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

export interface StreamChoice {
  readonly profile?: string;
  /** Without credentials: those of `onvif` are used. */
  readonly url?: string;
}

export interface CameraConfig {
  readonly id: string;
  readonly place: string;
  readonly onvif: DeviceLogin;
  readonly streams: { readonly main?: StreamChoice; readonly sub?: StreamChoice };
  /** Whether the events that it tells over ONVIF are followed. */
  readonly events: boolean;
  /** What is done about a clock that is wrong: set by the edge, or taken into account. */
  readonly clock: 'compensate' | 'set';
  /** On top of those that its maker and model are known for. */
  readonly quirks: readonly Quirk[];
  readonly capture: { readonly faces: boolean; readonly plates?: PlateCaptureConfig };
  /** Residents who consented are recognised here, at this access point of the policy. Absent: nobody is. */
  readonly recognition?: { readonly accessPoint: string };
  /** Where motion counts, and how much of it. */
  readonly motion: MotionWatchOptions;
  /** It turns by itself: that it shows another scene is no tampering. */
  readonly patrols: boolean;
  /** Absent: nothing is recorded. */
  readonly recording?: RecordingConfig;
}

export interface PlateCaptureConfig {
  /** Plates outside of it are not read. Default: the whole picture. */
  readonly lane?: Polygon;
  /** The gate that is asked to open for vehicles that drive up here. */
  readonly gate?: string;
  /** Frames that have to agree on a plate. */
  readonly minVotes: number;
}

export interface RecordingConfig extends RecordingBudget {
  /** `continuous`, or only around what happens. */
  readonly mode: 'continuous' | { readonly preRollMs: number; readonly postRollMs: number };
  /** What happens, for this purpose. */
  readonly triggers: readonly RecordingTrigger[];
}

/** The configuration, with paths made absolute, passwords fetched and defaults filled in. */
export interface EdgeConfig {
  readonly estate: string;
  readonly agent: string;
  readonly dataDir: string;
  /** `ca`: PEM of the authority that vouches for the hub; those that Node knows when absent. */
  readonly hub: { readonly publicKeyFile: string; readonly url?: string; readonly ca?: string };
  /** Absent: the edge takes up no access policy and decides nothing. `credentialKey` is 32 bytes. */
  readonly policy?: { readonly credentialKey: Buffer; readonly file: string };
  readonly mqtt: BrokerAddress;
  readonly media: {
    readonly dir: string;
    readonly keyFile: string;
    readonly retentionMs: number;
    readonly maxBytes: number;
  };
  readonly recordings: { readonly dir: string; readonly indexPath: string; readonly minFreeBytes: number };
  readonly models: { readonly dir: string };
  /** Sealed templates of residents' faces; absent where no camera recognises anybody. */
  readonly faceTemplates?: { readonly path: string; readonly keyFile: string };
  readonly outbox: { readonly path: string; readonly budgetBytes: number };
  readonly cameras: readonly CameraConfig[];
  readonly gates: readonly GateConfig[];
  readonly readers: readonly ReaderConfig[];
  /** Where decisions about access are remembered. */
  readonly access: { readonly memoryFile: string };
}

const MEGABYTE = 1024 * 1024;
/** Long enough for a case to be opened on Monday about Friday night. */
const DEFAULT_RETENTION_HOURS = 72;
const DEFAULT_MEDIA_MEGABYTES = 2_048;
/** What the rest of the system needs of a disk, when recordings share it. */
const DEFAULT_MIN_FREE_MEGABYTES = 1_024;
const DEFAULT_PLATE_VOTES = 2;
/** Somebody walks up to the gate, and away from it. */
const DEFAULT_PRE_ROLL_SEC = 5;
const DEFAULT_POST_ROLL_SEC = 15;
const DAY_MS = 24 * 3_600_000;
/** Half a million events: some weeks without a hub. */
const DEFAULT_OUTBOX_MEGABYTES = 256;

type LoginSection = {
  readonly username?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
};
type Steps = readonly (string | number)[];

const SECRET_KEYS = ['password', 'secret', 'token'];

/** Whoever writes a secret into the file is told where it belongs. */
function hintForSecret(key: string, known: readonly string[]): string | undefined {
  if (!known.includes('passwordFile') || !SECRET_KEYS.includes(key)) return undefined;
  return 'secrets do not belong here: name a file with passwordFile or a variable with passwordEnv';
}

/**
 * Reads `--config FILE`. Relative paths are relative to the file; passwords come from the files and variables it names.
 * @throws ConfigInvalidError naming every problem with its line
 */
export function readEdgeConfig(path: string, env: NodeJS.ProcessEnv): EdgeConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigInvalidError(path, [(cause as Error).message], { cause });
  }
  const document = readStrictYaml(text, EdgeConfigFile, { hintFor: hintForSecret });
  if (document.problems.length > 0) throw new ConfigInvalidError(path, document.problems);
  const file = document.value as EdgeConfigFile;
  const problems: string[] = [];
  const folder = dirname(resolve(path));
  const absolute = (name: string): string => resolve(folder, name);

  /** @param key path of the section, for the line in a message */
  const loginFrom = (section: LoginSection, key: Steps): { username?: string; password?: string } => {
    const { username, passwordFile, passwordEnv } = section;
    const complain = (what: string): void => void problems.push(`${document.at(key)}${key.join('.')} ${what}`);
    if (passwordFile !== undefined && passwordEnv !== undefined) {
      complain('has both passwordFile and passwordEnv; choose one');
    }
    if (username === undefined) {
      if (passwordFile !== undefined || passwordEnv !== undefined) complain('has a password but no username');
      return {};
    }
    if (passwordFile !== undefined) {
      try {
        return { username, password: readFileSync(absolute(passwordFile), 'utf8').replace(/\r?\n$/, '') };
      } catch (cause) {
        complain(`names a passwordFile that cannot be read: ${(cause as Error).message}`);
      }
    } else if (passwordEnv === undefined) {
      complain('has a username but neither passwordFile nor passwordEnv');
    } else if (env[passwordEnv] === undefined) {
      complain(`names the variable ${passwordEnv}, which is not set`);
    } else {
      return { username, password: env[passwordEnv] };
    }
    return {};
  };

  const certificateFrom = (caFile: string | undefined, key: Steps): { ca?: string } => {
    if (caFile === undefined) return {};
    try {
      const ca = readFileSync(absolute(caFile), 'utf8');
      if (ca.includes('-----BEGIN CERTIFICATE-----')) return { ca };
      problems.push(`${document.at(key)}${key.join('.')} holds no certificate (PEM)`);
    } catch (cause) {
      problems.push(`${document.at(key)}${key.join('.')} cannot be read: ${(cause as Error).message}`);
    }
    return {};
  };

  /** What the hub knows credentials by, 32 bytes in base64; never shown. */
  const credentialKeyFrom = (name: string): Buffer | undefined => {
    const complain = (what: string): void =>
      void problems.push(`${document.at(['policy', 'credentialKeyFile'])}policy.credentialKeyFile ${what}`);
    try {
      const key = Buffer.from(readFileSync(absolute(name), 'utf8').trim(), 'base64');
      if (key.length === CREDENTIAL_KEY_BYTES) return key;
      complain(`does not hold ${CREDENTIAL_KEY_BYTES} bytes in base64`);
    } catch (cause) {
      complain(`cannot be read: ${(cause as Error).message}`);
    }
    return undefined;
  };

  const ids = new Set<string>();
  const once = (id: string, key: Steps): void => {
    if (ids.has(id)) problems.push(`${document.at(key)}there is already a device '${id}'`);
    ids.add(id);
  };

  const platesFrom = (
    { plates, lane, gate, plateVotes }: NonNullable<Static<typeof CameraSection>['capture']>,
    key: Steps,
  ): PlateCaptureConfig | undefined => {
    if (gate !== undefined && !(file.gates ?? []).some(({ id }) => id === gate)) {
      problems.push(`${document.at([...key, 'gate'])}there is no gate '${gate}'`);
    }
    if (plates === true) {
      return {
        ...(lane !== undefined && { lane }),
        ...(gate !== undefined && { gate }),
        minVotes: plateVotes ?? DEFAULT_PLATE_VOTES,
      };
    }
    for (const [name, value] of Object.entries({ lane, gate, plateVotes })) {
      if (value === undefined) continue;
      problems.push(`${document.at([...key, name])}capture.${name} means nothing without plates: true`);
    }
    return undefined;
  };

  /** @throws nothing: recognition without another way in, or without what it needs, is a problem of the file */
  const recognitionFrom = (section: Static<typeof CameraSection>, key: Steps): Pick<CameraConfig, 'recognition'> => {
    const { recognition } = section;
    if (recognition === undefined) return {};
    const { accessPoint, gate } = recognition;
    const complain = (what: string): void => void problems.push(`${document.at(key)}${nameOfPath(key)} ${what}`);
    const readsPlates = (camera: Static<typeof CameraSection>): boolean =>
      gate !== undefined && camera.capture?.plates === true && camera.capture.gate === gate;
    const hasOtherWay =
      (file.readers ?? []).some((reader) => reader.accessPoint === accessPoint) ||
      (file.cameras ?? []).some(readsPlates);
    if (!hasOtherWay) {
      complain(
        'has no other way in: nobody has to show their face. Name a reader with this accessPoint, or with gate a gate whose plates are read (FACE_ONLY)',
      );
    }
    if (file.policy === undefined) complain('needs policy: who consented is in the signed policy');
    if (file.faceTemplates === undefined) complain('needs faceTemplates.keyFile, which seals the templates');
    return { recognition: { accessPoint } };
  };

  const cameraFrom = (section: Static<typeof CameraSection>, index: number): CameraConfig => {
    const key = ['cameras', index];
    const { id, place, onvif, streams = {}, capture = {}, recording } = section;
    once(id, [...key, 'id']);
    for (const [name, choice] of Object.entries(streams)) {
      if ((choice.profile === undefined) === (choice.url === undefined)) {
        problems.push(`${document.at([...key, 'streams', name])}streams.${name} needs either profile or url`);
      }
    }
    const login = loginFrom(onvif, [...key, 'onvif']);
    const plates = platesFrom(capture, [...key, 'capture']);
    return {
      ...{ id, place, onvif: { url: onvif.url, ...login }, streams },
      capture: { faces: capture.faces ?? false, ...(plates !== undefined && { plates }) },
      ...{ events: section.events ?? true, clock: section.clock ?? 'compensate', quirks: section.quirks ?? [] },
      ...recognitionFrom(section, [...key, 'recognition']),
      ...{ motion: section.motion ?? {}, patrols: section.patrols ?? false },
      ...(recording !== undefined && { recording: recordingFrom(recording) }),
    };
  };

  const gateFrom = (section: Static<typeof GateSection>, index: number): GateConfig => {
    const key = ['gates', index];
    const { id, onvif, ...rest } = section;
    once(id, [...key, 'id']);
    for (const problem of abilityProblems(section)) {
      const path = [...key, ...problem.key];
      problems.push(`${document.at(path)}${nameOfPath(path)}: ${problem.what} (${problem.code})`);
    }
    return { ...rest, device: id, url: onvif.url, ...loginFrom(onvif, [...key, 'onvif']) };
  };

  const gateIds = new Set((file.gates ?? []).map(({ id }) => id));
  const aroundReader = ({ id, mqtt }: NonNullable<EdgeConfigFile['readers']>[number], index: number) => {
    const key = ['readers', index];
    once(id, [...key, 'id']);
    const secrets =
      mqtt === undefined
        ? {}
        : { ...loginFrom(mqtt, [...key, 'mqtt']), ...certificateFrom(mqtt.caFile, [...key, 'mqtt', 'caFile']) };
    const complain = (what: string): void => void problems.push(`${document.at(key)}${nameOfPath(key)} ${what}`);
    return { gates: gateIds, secrets, complain };
  };

  const dataDir = absolute(file.dataDir);
  const { media, mqtt } = file;
  const credentialKey = file.policy === undefined ? undefined : credentialKeyFrom(file.policy.credentialKeyFile);
  const config: EdgeConfig = {
    estate: file.estate,
    agent: file.agent,
    dataDir,
    hub: {
      publicKeyFile: absolute(file.hub.publicKeyFile),
      ...(file.hub.url !== undefined && { url: file.hub.url }),
      ...certificateFrom(file.hub.caFile, ['hub', 'caFile']),
    },
    ...(credentialKey !== undefined && { policy: { credentialKey, file: join(dataDir, 'policy.json') } }),
    mqtt: {
      url: mqtt.url,
      protocolVersion: mqtt.protocolVersion ?? 4,
      ...certificateFrom(mqtt.caFile, ['mqtt', 'caFile']),
      ...loginFrom(mqtt, ['mqtt']),
    },
    media: {
      dir: media.dir === undefined ? join(dataDir, 'pictures') : absolute(media.dir),
      keyFile: absolute(media.keyFile),
      retentionMs: (media.retentionHours ?? DEFAULT_RETENTION_HOURS) * 3_600_000,
      maxBytes: (media.maxMegabytes ?? DEFAULT_MEDIA_MEGABYTES) * MEGABYTE,
    },
    recordings: {
      dir: file.recordings?.dir === undefined ? join(dataDir, 'recordings') : absolute(file.recordings.dir),
      indexPath: join(dataDir, 'recordings.sqlite'),
      minFreeBytes: (file.recordings?.minFreeMegabytes ?? DEFAULT_MIN_FREE_MEGABYTES) * MEGABYTE,
    },
    models: { dir: file.models === undefined ? modelsDir(env) : absolute(file.models.dir) },
    ...(file.faceTemplates !== undefined && {
      faceTemplates: { path: join(dataDir, 'face-templates.sqlite'), keyFile: absolute(file.faceTemplates.keyFile) },
    }),
    outbox: {
      path: join(dataDir, 'outbox.sqlite'),
      budgetBytes: (file.outbox?.maxMegabytes ?? DEFAULT_OUTBOX_MEGABYTES) * MEGABYTE,
    },
    cameras: (file.cameras ?? []).map(cameraFrom),
    gates: (file.gates ?? []).map(gateFrom),
    readers: (file.readers ?? []).flatMap((section, index) => readerFrom(section, aroundReader(section, index)) ?? []),
    access: { memoryFile: join(dataDir, 'access.sqlite') },
  };
  if (problems.length > 0) throw new ConfigInvalidError(path, problems);
  return config;
}

function recordingFrom(section: NonNullable<Static<typeof CameraSection>['recording']>): RecordingConfig {
  const { mode, retentionDays, maxMegabytes, preRollSec, postRollSec, triggers } = section;
  return {
    mode:
      mode === 'continuous'
        ? mode
        : {
            preRollMs: (preRollSec ?? DEFAULT_PRE_ROLL_SEC) * 1000,
            postRollMs: (postRollSec ?? DEFAULT_POST_ROLL_SEC) * 1000,
          },
    triggers: triggers ?? RECORDING_TRIGGERS,
    retentionMs: retentionDays * DAY_MS,
    maxBytes: maxMegabytes * MEGABYTE,
  };
}
