import type { LiveForm, StreamName } from '@dipper/contract/commands';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { UplinkOpener } from '../uplink/uplink-opener.ts';
import { createLiveChannel, type LiveChannel } from './live-channel.ts';
import type { ViewerSocket } from './live-viewer.ts';

/** A stream of a camera, and the agent that stands beside it. */
export interface LiveSource {
  readonly estate: string;
  readonly agent: string;
  readonly device: string;
  readonly stream: StreamName;
  /** Undefined: as it was filmed. */
  readonly form?: LiveForm | undefined;
}

export interface LiveRelay {
  /** Sends a stream to a socket until the socket closes. Never throws: what goes wrong is the socket's close code. */
  watch(source: LiveSource, socket: ViewerSocket & { once(event: 'close', listener: () => void): unknown }): void;
  /** Ends every stream. */
  stop(): void;
}

export interface LiveRelayOptions {
  readonly openUplink: UplinkOpener;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Brings live pictures from edges to browsers: one uplink per stream (and form), however many watch. */
export function createLiveRelay({ openUplink, logger, registry }: LiveRelayOptions): LiveRelay {
  const channels = new Map<string, LiveChannel>();
  const skipped = new Counter({
    name: 'dipper_hub_live_skips_total',
    help: 'Times that a viewer fell behind and was left out until the next key frame.',
    registers: [registry],
  });
  new Gauge({
    name: 'dipper_hub_live_uplinks',
    help: 'Streams that edges send right now.',
    registers: [registry],
    collect() {
      this.set(channels.size);
    },
  });

  const channelOf = (source: LiveSource): LiveChannel => {
    const { estate, agent, device, stream, form } = source;
    const key = [estate, agent, device, stream, form].join('/');
    const found = channels.get(key);
    if (found !== undefined) return found;
    const channel = createLiveChannel({
      device,
      logger,
      openUplink: (accept, signal) =>
        openUplink(
          { estate, agent },
          (address) => ({ name: 'live.start', device, stream, ...(form && { form }), ...address }),
          accept,
          signal,
        ),
      onSkipped: () => skipped.inc(),
      onEnded: () => channels.delete(key),
    });
    channels.set(key, channel);
    return channel;
  };

  return {
    watch(source, socket) {
      const channel = channelOf(source);
      channel.join(socket);
      socket.once('close', () => channel.leave(socket));
    },
    stop() {
      for (const channel of [...channels.values()]) channel.end('AGENT_OFFLINE');
    },
  };
}
