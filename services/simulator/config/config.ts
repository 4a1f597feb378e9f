import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Slug } from '@dipper/contract/identifiers';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { FAULT_OPTIONS, type FaultName } from '../device/fault.ts';
import { SceneName } from '../scene/scene-name.ts';
import { SimulatorError } from '../simulator-error.ts';

const strict = { additionalProperties: false } as const;

/** 0 takes any free port. */
const Port = Type.Integer({ minimum: 0, maximum: 65_535 });

/** Everything is on the loopback: simulated devices have well-known passwords. */
const Host = Type.Union([Type.Literal('127.0.0.1'), Type.Literal('::1')]);

const deviceKeys = {
  id: Slug,
  /** Port of the device's ONVIF services. */
  httpPort: Port,
  username: Type.String({ minLength: 1, maxLength: 64 }),
  /** Exactly one of the three: the password itself, the environment variable that holds it, or the file. */
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  passwordEnv: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' })),
  passwordFile: Type.Optional(Type.String({ minLength: 1 })),
  manufacturer: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  model: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  firmwareVersion: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  serialNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
};

const CameraConfig = Type.Object(
  {
    kind: Type.Literal('camera'),
    ...deviceKeys,
    /** Whether it turns. */
    ptz: Type.Optional(Type.Boolean()),
    /** Of its main stream; the sub-stream is H.264 in any case. Default: h264. */
    codec: Type.Optional(Type.Union([Type.Literal('h264'), Type.Literal('h265')])),
  },
  strict,
);

const BarrierConfig = Type.Object(
  {
    kind: Type.Literal('barrier'),
    ...deviceKeys,
    travelMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
    holdOpenMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_600_000 })),
    relayPulseMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 60_000 })),
    /** `bistable`: the arm is up while the relay is active. Default: monostable. */
    relayMode: Type.Optional(Type.Enum(['monostable', 'bistable'])),
    /** A second relay that brings the arm down. */
    closeRelay: Type.Optional(Type.Boolean()),
    /** Which service the relays are on; the other one says yes and does nothing. Default: deviceio. */
    relayService: Type.Optional(Type.Enum(['deviceio', 'device'])),
    /** Loops in the ground, a fire input and an exit button. */
    loops: Type.Optional(Type.Boolean()),
  },
  strict,
);

/** A door controller of ONVIF Profile C with one door; its monitors and lockdown are there unless they are left out. */
const DoorConfig = Type.Object(
  {
    kind: Type.Literal('door'),
    ...deviceKeys,
    accessTimeMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 600_000 })),
    doorMonitor: Type.Optional(Type.Boolean()),
    lockMonitor: Type.Optional(Type.Boolean()),
    lockDown: Type.Optional(Type.Boolean()),
    /** A reader before it that asks for decisions, and how long it waits for one. Default: none, and 5000. */
    reader: Type.Optional(Type.Boolean()),
    answerWithinMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 600_000 })),
  },
  strict,
);

/** Something that goes wrong by itself, with the options of that fault. */
const faultStep = <N extends FaultName>(name: N) =>
  Type.Object(
    {
      atSec: Type.Number({ minimum: 0 }),
      device: Slug,
      fault: Type.Literal(name),
      /** Without it the fault stays. */
      forSec: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      options: Type.Optional(FAULT_OPTIONS[name]),
    },
    strict,
  );

const ActionStep = Type.Object(
  {
    atSec: Type.Number({ minimum: 0 }),
    device: Slug,
    action: Type.Union([Type.Literal('force'), Type.Literal('close')]),
  },
  strict,
);

const SimulatorFile = Type.Object(
  {
    host: Type.Optional(Host),
    rtspPort: Port,
    controlPort: Port,
    scene: Type.Optional(SceneName),
    /** Answer WS-Discovery probes that come over the loopback interface. */
    discovery: Type.Optional(Type.Boolean()),
    devices: Type.Array(Type.Union([CameraConfig, BarrierConfig, DoorConfig]), { minItems: 1, maxItems: 64 }),
    timeline: Type.Optional(
      Type.Array(
        Type.Union([
          faultStep('unplug'),
          faultStep('freeze'),
          faultStep('freeze-behind-clock'),
          faultStep('cover'),
          faultStep('turn'),
          faultStep('no-key-frames'),
          faultStep('wrong-password'),
          faultStep('clock-offset'),
          faultStep('repeat-events'),
          faultStep('no-clear'),
          faultStep('drop-subscriptions'),
          faultStep('ptz-runaway'),
          faultStep('ptz-deaf'),
          faultStep('ptz-stuck'),
          faultStep('ptz-no-timeout'),
          faultStep('jam'),
          faultStep('lie'),
          faultStep('late-answers'),
          faultStep('slow'),
          ActionStep,
        ]),
      ),
    ),
  },
  strict,
);

type SimulatorFile = Type.Static<typeof SimulatorFile>;
type WithPassword<T> = T extends unknown
  ? Omit<T, 'passwordEnv' | 'passwordFile' | 'password'> & { password: string }
  : never;

export type DeviceConfig = WithPassword<SimulatorFile['devices'][number]>;
export type CameraDeviceConfig = Extract<DeviceConfig, { kind: 'camera' }>;
export type BarrierDeviceConfig = Extract<DeviceConfig, { kind: 'barrier' }>;
export type DoorDeviceConfig = Extract<DeviceConfig, { kind: 'door' }>;
export type TimelineStep = NonNullable<SimulatorFile['timeline']>[number];

/** The configuration as the simulator takes it: defaults filled in, passwords read. */
export interface SimulatorConfig {
  readonly host: '127.0.0.1' | '::1';
  readonly rtspPort: number;
  readonly controlPort: number;
  readonly scene: SceneName;
  readonly discovery: boolean;
  readonly devices: readonly DeviceConfig[];
  readonly timeline: readonly TimelineStep[];
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative password files are in: the configuration file's. */
  readonly folder: string;
}

const compiled = Compile(SimulatorFile);

/** Reads a YAML file. @throws SimulatorError CONFIG_UNREADABLE, CONFIG_INVALID, PASSWORD_MISSING */
export async function readConfigFile(path: string, sources: ConfigSources): Promise<SimulatorConfig> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SimulatorError('CONFIG_UNREADABLE', `The configuration ${path} cannot be read.`, { cause });
  });
  let value: unknown;
  try {
    value = parse(content);
  } catch (cause) {
    throw new SimulatorError(
      'CONFIG_INVALID',
      `${path} is not valid YAML: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
  return parseConfig(value, sources);
}

/** Checks a configuration strictly: unknown keys are errors. @throws SimulatorError CONFIG_INVALID, PASSWORD_MISSING */
export async function parseConfig(value: unknown, sources: ConfigSources): Promise<SimulatorConfig> {
  if (!compiled.Check(value))
    throw new SimulatorError('CONFIG_INVALID', `The configuration is invalid: ${problems(value)}`);
  const file = value as SimulatorFile;
  checkReferences(file);
  return {
    host: file.host ?? '127.0.0.1',
    rtspPort: file.rtspPort,
    controlPort: file.controlPort,
    scene: file.scene ?? 'people',
    discovery: file.discovery ?? false,
    devices: await Promise.all(file.devices.map((device) => withPassword(device, sources))),
    timeline: file.timeline ?? [],
  };
}

/** The same configuration on any free ports: for tests, and for a demo beside whatever else runs on the machine. */
export function onAnyPorts(config: SimulatorConfig): SimulatorConfig {
  return {
    ...config,
    rtspPort: 0,
    controlPort: 0,
    devices: config.devices.map((device) => ({ ...device, httpPort: 0 })),
  };
}

function checkReferences({ devices, timeline = [] }: SimulatorFile): void {
  const ids = devices.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new SimulatorError('CONFIG_INVALID', `Two devices have the id ${twice}.`);
  const unknown = timeline.find(({ device }) => !ids.includes(device));
  if (unknown !== undefined) {
    throw new SimulatorError(
      'CONFIG_INVALID',
      `The timeline names a device that is not configured: ${unknown.device}.`,
    );
  }
}

async function withPassword(
  device: SimulatorFile['devices'][number],
  { env, folder }: ConfigSources,
): Promise<DeviceConfig> {
  const { password, passwordEnv, passwordFile, ...rest } = device;
  const given = [password, passwordEnv, passwordFile].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new SimulatorError(
      'CONFIG_INVALID',
      `Device ${device.id} needs exactly one of password, passwordEnv and passwordFile.`,
    );
  }
  const found =
    password ??
    (passwordEnv !== undefined
      ? env[passwordEnv]
      : await readFile(isAbsolute(passwordFile ?? '') ? (passwordFile ?? '') : join(folder, passwordFile ?? ''), 'utf8')
          .then((content) => content.replace(/\r?\n$/, ''))
          .catch(() => undefined));
  if (found === undefined || found === '') {
    throw new SimulatorError(
      'PASSWORD_MISSING',
      `The password of device ${device.id} is not in ${passwordEnv === undefined ? `the file ${passwordFile}` : `the environment variable ${passwordEnv}`}.`,
    );
  }
  return { ...rest, password: found };
}

/** Names what is wrong where; a union reports every branch, so the deepest places come first. */
function problems(value: unknown): string {
  const errors = [...compiled.Errors(value)];
  const deepest = Math.max(...errors.map(({ instancePath }) => instancePath.split('/').length));
  const named = errors
    .filter(
      ({ keyword, instancePath }) => keyword === 'additionalProperties' || instancePath.split('/').length === deepest,
    )
    .map(({ instancePath, message, params }) => {
      const unknown = (params as { additionalProperties?: readonly string[] }).additionalProperties;
      return `${instancePath || '/'} ${message}${unknown === undefined ? '' : ` (${unknown.join(', ')})`}`;
    });
  return [...new Set(named)].slice(0, 6).join('; ');
}
