import { ExportView, NewExport, SignedManifest } from '@dipper/contract/api/recording';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { translate } from '../../plugins/problems.ts';
import { EXPORTERS } from '../../plugins/roles.ts';
import { getRecordedCamera } from '../../recordings/recorded-camera.ts';
import type { DeviceService } from '../../services.ts';
import type { AuditTrail } from '../audit/audit.service.ts';
import type { ExportService } from './export.service.ts';

export interface ExportRoutesOptions {
  readonly devices: Pick<DeviceService, 'get'>;
  readonly exports: ExportService;
  readonly audit: AuditTrail;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

const DeviceParams = Type.Object({ id: Slug });
const Params = Type.Object({ id: Uuid });
const tags = ['recordings'];
const DOWNLOAD = 'recording.export';

export const exportRoutes: FastifyPluginAsyncTypebox<ExportRoutesOptions> = async (app, options) => {
  const { devices, exports, audit, signal } = options;
  const access = { roles: EXPORTERS, located: true };

  /** What lies outside of somebody's scope does not exist, nor does what was taken out of it. */
  const getSeen = async (id: string): Promise<ExportView> => {
    const found = await exports.get(id);
    await devices.get(found.device);
    return found;
  };
  const record = (request: FastifyRequest, outcome: string, reason: string | null): Promise<void> =>
    audit.record({
      ...{ action: DOWNLOAD, target: (request.params as { id: string }).id, reason, outcome },
      ...{ principal: principalOf(request), address: request.ip, requestId: request.id },
    });

  app.post(
    '/devices/:id/exports',
    {
      config: { access, audit: { action: 'recording.export-ask', target: 'answer.id' } },
      schema: {
        summary: 'Ask for a stretch of a recording as a file',
        description:
          'The file is fetched from `/exports/{id}/video` within the hour, once, by whoever asked; until then nothing is read. At most six hours: EXPORT_TOO_LONG.',
        tags,
        params: DeviceParams,
        body: NewExport,
        response: { 201: ExportView },
      },
    },
    async (request, reply) => {
      request.auditNote = { reason: request.body.reason };
      const camera = await getRecordedCamera(devices, request.params.id);
      return reply.code(201).send(await exports.ask(camera, request.body, principalOf(request)));
    },
  );
  app.get(
    '/exports/:id',
    {
      config: { access },
      schema: { summary: 'One export and how far it is', tags, params: Params, response: { 200: ExportView } },
    },
    async ({ params }) => getSeen(params.id),
  );
  app.get(
    '/exports/:id/video',
    {
      config: { access, audit: { action: DOWNLOAD, recordedBy: 'route' } },
      schema: {
        summary: 'The file of an export: MP4, copied as the camera sent it, cut at key frames',
        description:
          'It comes straight from the edge and is kept nowhere on its way. On record before its first byte. A file that breaks off has no manifest. RECORDING_MISSING, RECORDING_DAMAGED, EXPORT_ENDED, EXPORT_IN_PROGRESS, PLAYBACK_LIMIT_REACHED, AGENT_OFFLINE.',
        tags,
        params: Params,
        response: { 200: { description: 'The file', content: { 'video/mp4': { schema: Type.Unknown() } } } },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { reason } = await getSeen(id);
      try {
        const over = AbortSignal.any([signal, goneSignal(reply)]);
        const granted = () => record(request, 'granted', reason);
        const { name, body } = await exports.fetch(id, principalOf(request), granted, over);
        return reply
          .type('video/mp4')
          .header('cache-control', 'no-store')
          .header('content-disposition', `attachment; filename="${name}.mp4"`)
          .send(body);
      } catch (error) {
        await record(request, translate(error).code, reason);
        throw error;
      }
    },
  );
  app.get(
    '/exports/:id/manifest',
    {
      config: { access },
      schema: {
        summary: 'What the file of an export is, byte for byte, signed',
        description: 'For `npm run export:verify`. EXPORT_NOT_FINISHED until the whole file was handed out.',
        tags,
        params: Params,
        response: { 200: SignedManifest },
      },
    },
    async ({ params }, reply) => {
      const { device, from } = await getSeen(params.id);
      const name = `${device}-${from.replace(/[:.]/g, '')}`;
      return reply
        .header('content-disposition', `attachment; filename="${name}.manifest.json"`)
        .send(await exports.manifest(params.id));
    },
  );
};

/** Aborted when the asker went away before the answer was sent. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
