import {
  EvidenceLock,
  EvidenceRelease,
  NewEvidenceLock,
  SnapshotTaken,
  Timeline,
} from '@dipper/contract/api/recording';
import { DipperError } from '@dipper/contract/errors';
import { Slug, Timestamp, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { WebSocket } from 'ws';
import type { AuditTrail } from '../domains/audit/audit.service.ts';
import type { SessionSockets } from '../domains/session/session-sockets.ts';
import { principalOf } from '../plugins/access.ts';
import { translate } from '../plugins/problems.ts';
import { EVIDENCE_KEEPERS, EXPORTERS, PLAYBACK_VIEWERS } from '../plugins/roles.ts';
import { closeWithCode } from '../plugins/web-socket-closing.ts';
import { refusePlainRequest } from '../plugins/web-sockets.ts';
import type { DeviceService, EventService } from '../services.ts';
import { explainOutages } from './camera-outages.ts';
import type { PlaybackRelay } from './playback-relay.ts';
import { getRecordedCamera } from './recorded-camera.ts';
import type { Recordings } from './recordings.ts';

export interface RecordingRoutesOptions {
  readonly devices: Pick<DeviceService, 'get'>;
  readonly events: Pick<EventService, 'list'>;
  readonly recordings: Recordings;
  readonly playbacks: PlaybackRelay;
  readonly audit: AuditTrail;
  readonly sockets: SessionSockets;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

const Params = Type.Object({ id: Slug });
const LockParams = Type.Object({ id: Slug, lock: Uuid });
const Range = Type.Object({ from: Timestamp, until: Timestamp }, { additionalProperties: false });
const At = Type.Object({ at: Timestamp }, { additionalProperties: false });
const tags = ['recordings'];

export const recordingRoutes: FastifyPluginAsyncTypebox<RecordingRoutesOptions> = async (app, options) => {
  const { devices, events, recordings, playbacks, audit, sockets, signal } = options;
  app.get(
    '/devices/:id/timeline',
    {
      config: { access: { roles: PLAYBACK_VIEWERS, located: true } },
      schema: {
        summary: 'What is recorded of a camera, and why the rest is not',
        description:
          'Asked of the edge, which keeps the recordings. Spans and gaps take turns and cover the whole time, at most 31 days. What happened in it is told by the events of the device. RECORDING_OFF, RECORDINGS_UNAVAILABLE, AGENT_OFFLINE, COMMAND_TIMEOUT.',
        tags,
        params: Params,
        querystring: Range,
        response: { 200: Timeline },
      },
    },
    async ({ params, query: { from, until } }) => {
      refuseEmpty(from, until);
      const camera = await getRecordedCamera(devices, params.id);
      return explainOutages(await recordings.readTimeline(camera, from, until, signal), events);
    },
  );
  app.route({
    method: 'GET',
    url: '/devices/:id/playback',
    config: {
      access: { roles: PLAYBACK_VIEWERS, located: true },
      audit: { action: 'recording.play', recordedBy: 'route' },
    },
    schema: {
      summary: 'Recording of a camera from an instant on (WebSocket)',
      description:
        'The frames of a live picture, from the group of pictures that shows `at`, each with the time it was taken. Ten seconds come by themselves; after that the viewer sends the text frame `{"kind":"more","until":"<instant>"}`. At a gap or at the end of the recording comes `{"kind":"end","nextAt":…}` and close code 1000. To seek, open another one. What goes wrong is the close code, 4000 + HTTP status, with the error code as its reason, e.g. 4404 `RECORDING_MISSING`.',
      tags,
      params: Params,
      querystring: At,
      response: { 101: Type.Null({ description: 'The WebSocket is open' }) },
    },
    handler: refusePlainRequest,
    wsHandler: async (socket, request) => {
      const principal = principalOf(request);
      sockets.attach(principal, socket);
      const { id } = request.params as { id: string };
      const { at } = request.query as { at: string };
      const record = (outcome: string): Promise<void> =>
        audit.record({
          ...{ action: 'recording.play', target: id, reason: at, outcome, principal },
          ...{ address: request.ip, requestId: request.id },
        });
      try {
        const camera = await getRecordedCamera(devices, id);
        await record('granted');
        playbacks.play(camera, at, socket as WebSocket);
      } catch (error) {
        const { code } = translate(error);
        if (code === 'INTERNAL') request.log.error({ err: error }, 'playback failed');
        closeWithCode(socket, code);
      }
    },
  });
  app.post(
    '/devices/:id/snapshots',
    {
      config: { access: { roles: PLAYBACK_VIEWERS, located: true }, audit: { action: 'snapshot.take' } },
      schema: {
        summary: 'Put on record that somebody keeps a picture that is shown',
        tags,
        params: Params,
        body: SnapshotTaken,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      request.auditNote = { reason: request.body.at };
      await getRecordedCamera(devices, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/devices/:id/evidence-locks',
    {
      config: { access: { roles: EVIDENCE_KEEPERS, located: true }, audit: { action: 'evidence.lock' } },
      schema: {
        summary: 'Keep a stretch of a recording as evidence',
        description:
          'Nothing of it is deleted before `expiresAt` or its release, however short the disk is. RECORDING_MISSING where nothing is recorded.',
        tags,
        params: Params,
        body: NewEvidenceLock,
        response: { 201: EvidenceLock },
      },
    },
    async (request, reply) => {
      const { body } = request;
      request.auditNote = { reason: body.reason };
      refuseEmpty(body.from, body.until);
      if (Number.isNaN(Date.parse(body.expiresAt))) throw new DipperError('REQUEST_INVALID');
      const camera = await getRecordedCamera(devices, request.params.id);
      return reply.code(201).send(await recordings.lock(camera, body, signal));
    },
  );
  app.post(
    '/devices/:id/evidence-locks/:lock/release',
    {
      config: {
        access: { roles: EXPORTERS, located: true },
        audit: { action: 'evidence.release', target: 'params.lock' },
      },
      schema: {
        summary: 'Let evidence go: it is deleted when its time is over',
        tags,
        params: LockParams,
        body: EvidenceRelease,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      request.auditNote = { reason: request.body.reason };
      const camera = await getRecordedCamera(devices, request.params.id);
      await recordings.unlock(camera, request.params.lock, signal);
      return reply.code(204).send(null);
    },
  );
};

/** @throws DipperError REQUEST_INVALID for what looks like an instant and is none, and for times that end before they begin */
function refuseEmpty(from: string, until: string): void {
  if (Date.parse(until) > Date.parse(from)) return;
  throw new DipperError('REQUEST_INVALID', { message: 'until has to come after from' });
}
