import type { DeviceInformation } from './camera-client.ts';
import type { StreamChoice } from './choose-streams.ts';
import type { ClockOffset } from './device-clock.ts';
import type { ServiceName } from './device-services.ts';
import type { TimeSettings } from './device-time.ts';
import type { Profile } from './profile.ts';
import type { PtzLimits, Range } from './ptz-node.ts';
import type { Quirk } from './quirks.ts';

/** Something a device answers wrongly, or does not answer. */
export interface ProbeFinding {
  /** What was asked for, e.g. `clock`, `profiles`, `events`. */
  readonly about: string;
  /** An OnvifErrorCode, a code of `chooseStreams`, or one of the probe's own: CLOCK_OFF, ADDRESS_ELSEWHERE, … */
  readonly code: string;
  readonly message: string;
}

/** How a camera turns. */
export interface ProbedDrive {
  /** Undefined where no profile has a drive: then nothing turns. */
  readonly profileToken: string | undefined;
  readonly nodes: readonly { readonly token: string; readonly limits: PtzLimits }[];
  /** How long it lets a movement go on by itself, ms; undefined where it does not tell. */
  readonly holdMs: Range | undefined;
  /** What it tells while it turns. */
  readonly tells: readonly ('position' | 'movement')[];
  readonly presets: readonly { readonly token: string; readonly name: string }[];
}

/** What a device can do, as far as it told. Holds no credentials. */
export interface ProbeReport {
  readonly url: string;
  readonly information?: DeviceInformation;
  readonly clock?: { readonly offset: ClockOffset | undefined; readonly settings: TimeSettings };
  readonly services: readonly { readonly name: ServiceName; readonly toldAddress: string }[];
  readonly profiles: readonly Profile[];
  readonly streams: Pick<StreamChoice, 'main' | 'sub'> & { readonly mainUrl?: string; readonly subUrl?: string };
  /** `bytes` of the picture that it sent. */
  readonly snapshot?: { readonly url: string; readonly bytes?: number };
  readonly events?: {
    /** The topics it says it has; empty where it does not tell. */
    readonly topics: readonly string[];
    /** Topics whose present state it told to a new subscriber. */
    readonly told: readonly string[];
  };
  readonly ptz?: ProbedDrive;
  readonly relays: readonly { readonly token: string; readonly service: 'device' | 'deviceIo' }[];
  readonly inputs: readonly string[];
  /** Switched on by what the device says it is, or found by asking. */
  readonly quirks: readonly Quirk[];
  readonly findings: readonly ProbeFinding[];
}
