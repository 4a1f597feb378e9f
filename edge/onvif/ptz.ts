import { createDeviceSession, type DeviceSession, type DeviceSessionOptions } from './device-session.ts';
import { OnvifError, OnvifNotSupportedError, OnvifReplyInvalidError, printable } from './errors.ts';
import {
  holdRangeMsFrom,
  type PtzLimits,
  type PtzNode,
  ptzLimitsFrom,
  ptzNodeFrom,
  scaled,
  UNTOLD_LIMITS,
} from './ptz-node.ts';
import { type PtzStatus, ptzStatusFrom } from './ptz-status.ts';
import { child, children, type SoapNode, textOf, tokenOf } from './soap-node.ts';
import { escapeXml } from './username-token.ts';

/** Shares of what the camera can, -1 to 1: right, up and closer are positive. */
export interface Velocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export interface Preset {
  readonly token: string;
  readonly name: string;
}

export interface PtzOptions extends DeviceSessionOptions {
  /** Profile whose drive is meant where several have one. */
  readonly profile?: string | undefined;
}

/**
 * The drive of a camera (ONVIF PTZ Service). What a call resolves with is what the camera answered: whether it did so is
 * seen by `status`. Calls throw OnvifError; ONVIF_NOT_SUPPORTED from a camera without a drive.
 */
export interface PtzDrive {
  /** Turns until it is stopped, or, where the camera keeps to that, for `holdMs`. */
  move(velocity: Velocity, holdMs: number): Promise<void>;
  stop(): Promise<void>;
  status(): Promise<PtzStatus>;
  presets(): Promise<Preset[]>;
  goTo(preset: string): Promise<void>;
  /** Where the camera looks now. @returns the new preset's token */
  setPreset(name: string): Promise<string>;
  removePreset(preset: string): Promise<void>;
  /** How many positions it remembers at most; undefined where it does not say. */
  maxPresets(): Promise<number | undefined>;
}

interface Known extends PtzNode {
  readonly limits: PtzLimits;
  readonly holdRangeMs: { readonly min: number; readonly max: number } | undefined;
}

const SCHEMA = 'http://www.onvif.org/ver10/schema';
const MAX_NAME_LENGTH = 64;

export function createPtzDrive(options: PtzOptions): PtzDrive {
  const session = createDeviceSession(options);
  let known: Promise<Known> | undefined;
  /** A Bosch camera refuses the whole request for its optional timeout: github.com/Jazea/Onvif.Core/issues/30. */
  let takesTimeout = true;

  const drive = (): Promise<Known> => {
    known ??= meetDrive(session, options.profile).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  const ask = async (operation: string, content = '') => {
    const { profile } = await drive();
    return session.ask('ptz', operation, `<ProfileToken>${escapeXml(profile)}</ProfileToken>${content}`);
  };
  const move = async (velocity: Velocity, holdMs: number): Promise<void> => {
    const { limits, holdRangeMs } = await drive();
    const vector = `<Velocity>${velocityXml(velocity, limits)}</Velocity>`;
    const hold = Math.min(Math.max(holdMs, holdRangeMs?.min ?? holdMs), holdRangeMs?.max ?? holdMs);
    if (takesTimeout) {
      try {
        await ask('ContinuousMove', `${vector}<Timeout>PT${hold / 1_000}S</Timeout>`);
        return;
      } catch (error) {
        if (!isFault(error)) throw error;
      }
    }
    await ask('ContinuousMove', vector);
    takesTimeout = false;
  };

  return {
    move,
    async stop() {
      try {
        await ask('Stop', '<PanTilt>true</PanTilt><Zoom>true</Zoom>');
      } catch (error) {
        // Seen on Cohu (github.com/mnit-rtmc/iris/pull/177): no Stop, but a movement of no speed.
        if (!isFault(error) && !isNotSupported(error)) throw error;
        await move({ pan: 0, tilt: 0, zoom: 0 }, 1_000);
      }
    },
    status: async () => ptzStatusFrom(await ask('GetStatus')),
    async presets() {
      return presetsFrom(await ask('GetPresets'));
    },
    async goTo(preset) {
      await ask('GotoPreset', `<PresetToken>${escapeXml(preset)}</PresetToken>`);
    },
    async setPreset(name) {
      const body = await ask('SetPreset', `<PresetName>${escapeXml(name)}</PresetName>`);
      const token = textOf(child(child(body, 'setPresetResponse'), 'presetToken'));
      if (token === undefined) throw new OnvifReplyInvalidError('The reply to SetPreset names no preset.');
      return token;
    },
    async removePreset(preset) {
      await ask('RemovePreset', `<PresetToken>${escapeXml(preset)}</PresetToken>`);
    },
    maxPresets: async () => (await drive()).limits.maxPresets,
  };
}

/** What a GetPresets reply names. @throws OnvifReplyInvalidError */
export function presetsFrom(body: SoapNode): Preset[] {
  const response = child(body, 'getPresetsResponse');
  if (response === undefined) throw new OnvifReplyInvalidError('The reply to GetPresets holds no presets.');
  return children(response, 'preset').flatMap((node) => {
    const token = tokenOf(node);
    if (token === undefined || token.length > MAX_NAME_LENGTH) return [];
    return [{ token, name: printable(textOf(child(node, 'name')) ?? token).slice(0, MAX_NAME_LENGTH) }];
  });
}

async function meetDrive(session: DeviceSession, preferred: string | undefined): Promise<Known> {
  if (!(await session.has('ptz'))) throw new OnvifNotSupportedError('The device has no ptz service.');
  const isMedia2 = !(await session.has('media'));
  const profiles = isMedia2
    ? await session.ask('media2', 'GetProfiles', '<Type>All</Type>')
    : await session.ask('media', 'GetProfiles');
  const node = ptzNodeFrom(profiles, preferred);
  // What it can is worth knowing and nothing that a camera could not turn without.
  const optional = <T>(question: Promise<T>): Promise<T | undefined> =>
    question.catch((error: unknown) => {
      if (isFault(error) || isNotSupported(error) || error instanceof OnvifReplyInvalidError) return undefined;
      throw error;
    });
  const { nodeToken, configurationToken } = node;
  const limits =
    nodeToken === undefined
      ? undefined
      : await optional(
          session.ask('ptz', 'GetNode', `<NodeToken>${escapeXml(nodeToken)}</NodeToken>`).then(ptzLimitsFrom),
        );
  const holdRangeMs =
    configurationToken === undefined
      ? undefined
      : await optional(
          session
            .ask(
              'ptz',
              'GetConfigurationOptions',
              `<ConfigurationToken>${escapeXml(configurationToken)}</ConfigurationToken>`,
            )
            .then(holdRangeMsFrom),
        );
  return { ...node, limits: limits ?? UNTOLD_LIMITS, holdRangeMs };
}

/** Only spaces that the node has: others are refused as a whole (github.com/agsh/onvif/issues/9). */
function velocityXml({ pan, tilt, zoom }: Velocity, limits: PtzLimits): string {
  const panTilt =
    limits.pan === undefined || limits.tilt === undefined
      ? ''
      : `<PanTilt xmlns="${SCHEMA}" x="${scaled(pan, limits.pan)}" y="${scaled(tilt, limits.tilt)}"/>`;
  const closer = limits.zoom === undefined ? '' : `<Zoom xmlns="${SCHEMA}" x="${scaled(zoom, limits.zoom)}"/>`;
  return panTilt + closer;
}

function isFault(error: unknown): boolean {
  return error instanceof OnvifError && error.code === 'ONVIF_FAULT';
}

function isNotSupported(error: unknown): boolean {
  return error instanceof OnvifError && error.code === 'ONVIF_NOT_SUPPORTED';
}
