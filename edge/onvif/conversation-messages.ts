import type { CameraClient } from './camera-client.ts';
import type { OnvifErrorData } from './errors.ts';

/** What the owner asks of the conversation's thread. */
export type CallRequest = {
  [N in keyof CameraClient]: { readonly id: number; readonly call: N; readonly args: Parameters<CameraClient[N]> };
}[keyof CameraClient];

/** What the thread answers. */
export type CallReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: OnvifErrorData };
