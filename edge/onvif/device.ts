import type { DeviceInformation } from './camera-client.ts';
import { createConversation } from './conversation.ts';
import type { ClockOffset } from './device-clock.ts';
import type { Profile } from './profile.ts';

/** A reply of a recorder with a hundred profiles takes some 400 KB; nothing honest is larger than this. */
const DEFAULT_MAX_REPLY_BYTES = 1024 * 1024;

export interface OnvifDeviceOptions {
  /** Address of the device service, e.g. `http://192.168.1.20/onvif/device_service`. Without credentials. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Each call, with all requests it needs, is over within this time. */
  readonly timeoutMs: number;
  /** Ends every call under way and the device's thread. */
  readonly signal?: AbortSignal;
  /** Hosts that addresses in replies may lead to besides the configured one; others are rewritten to it. */
  readonly allowedHosts?: readonly string[];
  readonly maxReplyBytes?: number;
  /** Certificate authority of an `https:` device, PEM. */
  readonly caPem?: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** One ONVIF device. All calls reject with an OnvifError, at the latest after `timeoutMs`; they run one after another. */
export interface OnvifDevice {
  /** Measures the device's clock anew at each call. */
  clockOffset(options?: CallOptions): Promise<ClockOffset>;
  information(options?: CallOptions): Promise<DeviceInformation>;
  /** Every profile, checked for contradictions. */
  profiles(options?: CallOptions): Promise<Profile[]>;
  /** RTSP address of a profile, without credentials, on the configured host unless another is allowed. */
  streamUri(profileToken: string, options?: CallOptions): Promise<string>;
  /** HTTP address of a still picture, under the same rule. */
  snapshotUri(profileToken: string, options?: CallOptions): Promise<string>;
  /** Ends the thread; a call under way rejects with ONVIF_ABORTED. */
  close(): Promise<void>;
}

/**
 * A client to one ONVIF device: WS-UsernameToken dated by the device's own clock, and HTTP digest when it is asked for.
 * Nothing is sent before the first call.
 *
 * @throws TypeError when the url is none of http or https
 */
export function createOnvifDevice(options: OnvifDeviceOptions): OnvifDevice {
  const url = new URL(options.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`An ONVIF device service is at an http: or https: address, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('Credentials do not belong in the address of a device: pass username and password');
  }
  const conversation = createConversation({
    client: {
      url: url.href,
      username: options.username,
      password: options.password,
      allowedHosts: options.allowedHosts ?? [],
      maxReplyBytes: options.maxReplyBytes ?? DEFAULT_MAX_REPLY_BYTES,
      caPem: options.caPem,
    },
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  });
  return {
    clockOffset: (call) => conversation.call('clockOffset', [], call?.signal),
    information: (call) => conversation.call('information', [], call?.signal),
    profiles: (call) => conversation.call('profiles', [], call?.signal),
    streamUri: (profileToken, call) => conversation.call('streamUri', [profileToken], call?.signal),
    snapshotUri: (profileToken, call) => conversation.call('snapshotUri', [profileToken], call?.signal),
    close: () => conversation.close(),
  };
}
