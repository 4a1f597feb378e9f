import { DeviceCommand, NewDeviceCommand, PtzPresets } from '@dipper/contract/api/device-command';
import { DipperError } from '@dipper/contract/errors';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { translate } from '../../plugins/problems.ts';
import { CAMERA_TURNERS, GATE_OPERATORS, LIVE_VIEWERS, RECORD_READERS } from '../../plugins/roles.ts';
import type { DeviceService } from '../../services.ts';
import type { AuditAction, AuditTrail } from '../audit/audit.service.ts';
import type { DeviceCommandService } from './device-command.service.ts';
import type { SnapshotFetcher } from './device-snapshot.ts';

export interface DeviceCommandRoutesOptions {
  readonly devices: Pick<DeviceService, 'get'>;
  readonly commands: DeviceCommandService;
  readonly fetchSnapshot: SnapshotFetcher;
  readonly audit: AuditTrail;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

const Params = Type.Object({ id: Slug });
const tags = ['devices'];
const GRANTED = 'granted';

export const deviceCommandRoutes: FastifyPluginAsyncTypebox<DeviceCommandRoutesOptions> = async (app, options) => {
  const { devices, commands, fetchSnapshot, audit, signal } = options;

  const record = async (request: FastifyRequest, action: AuditAction, outcome: string): Promise<void> => {
    // Whoever has no account could fill the trail.
    if (request.principal === undefined) return;
    await audit.record({
      ...{ action, target: (request.params as { id?: string }).id ?? null, reason: reasonOf(request), outcome },
      ...{ principal: request.principal, address: request.ip, requestId: request.id },
    });
  };
  /** Puts a refusal on record, wherever it came about. */
  const refusing = (action: AuditAction) => async (error: unknown, request: FastifyRequest) => {
    await record(request, action, translate(error).code);
    throw error;
  };

  app.post(
    '/devices/:id/commands',
    {
      config: {
        access: { roles: GATE_OPERATORS, located: true },
        audit: { action: 'device.command', recordedBy: 'route' },
      },
      schema: {
        summary: 'Have a gate or a camera do something',
        description:
          'A signed command to the edge, answered once the edge has seen what came of it: `door` is the gate as its sensors show it then, and a gate that was told and not seen to obey is GATE_COMMAND_UNCONFIRMED. On record, with its reason, before it is sent. To block is for dispatchers, supervisors and administrators, as is to set or remove a preset. A camera that is turned stops two seconds after the latest `ptz.move`: send it again with `continues`, the id of the first. COMMAND_NOT_FOR_DEVICE, GATE_COMMAND_UNSUPPORTED, DEVICE_COMMAND_FAILED, PTZ_NOT_SUPPORTED, PTZ_NOT_MOVING, AGENT_OFFLINE, COMMAND_TIMEOUT.',
        tags,
        params: Params,
        body: NewDeviceCommand,
        response: { 201: DeviceCommand },
      },
      errorHandler: refusing('device.command'),
    },
    async (request, reply) => {
      const device = await devices.get(request.params.id);
      const granted = () => record(request, 'device.command', GRANTED);
      // Not given up when whoever asked goes away: what the gate did has to be on record.
      const given = await commands.give(device, request.body, principalOf(request), granted, signal);
      return reply.code(201).send(given);
    },
  );
  app.get(
    '/devices/:id/commands',
    {
      config: { access: { roles: RECORD_READERS, located: true } },
      schema: {
        summary: 'What a device was told to do, by whom and why, and what came of it',
        tags,
        params: Params,
        querystring: listQuery({}),
        response: listResponse(DeviceCommand),
      },
    },
    async ({ params, query }) => {
      await devices.get(params.id);
      return listed(await commands.list(params.id, query));
    },
  );
  app.get(
    '/devices/:id/presets',
    {
      config: { access: { roles: CAMERA_TURNERS, located: true } },
      schema: {
        summary: 'The positions that a camera remembers',
        description: 'Asked of the camera. PTZ_NOT_SUPPORTED from one that cannot be turned.',
        tags,
        params: Params,
        response: { 200: PtzPresets },
      },
    },
    async ({ params }) => {
      const device = await devices.get(params.id);
      return { presets: await commands.presets(device, signal) };
    },
  );
  app.get(
    '/devices/:id/snapshot',
    {
      config: {
        access: { roles: LIVE_VIEWERS, located: true },
        audit: { action: 'device.snapshot', recordedBy: 'route' },
      },
      schema: {
        summary: 'A still picture from the camera itself',
        description:
          'It comes straight from the camera through its edge and is kept nowhere on its way. On record before its first byte. SNAPSHOT_UNAVAILABLE, AGENT_OFFLINE, COMMAND_TIMEOUT.',
        tags,
        params: Params,
        response: { 200: { description: 'The picture', content: { 'image/jpeg': { schema: Type.Unknown() } } } },
      },
      errorHandler: refusing('device.snapshot'),
    },
    async (request, reply) => {
      const camera = await devices.get(request.params.id);
      if (camera.kind !== 'camera') throw new DipperError('COMMAND_NOT_FOR_DEVICE');
      const picture = await fetchSnapshot(camera, AbortSignal.any([signal, goneSignal(reply)]));
      try {
        await record(request, 'device.snapshot', GRANTED);
      } catch (error) {
        picture.body.destroy();
        throw error;
      }
      return reply
        .type(picture.mime)
        .header('content-length', picture.bytes)
        .header('cache-control', 'no-store')
        .header('content-disposition', 'inline')
        .send(picture.body);
    },
  );
};

/** Aborted when the asker went away before the answer was sent. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

const MAX_REASON_CHARACTERS = 512;

/** Which command it was stands before the reason: one route gives them all. */
function reasonOf(request: FastifyRequest): string | null {
  const { action, reason } = (request.body ?? {}) as { action?: unknown; reason?: unknown };
  const parts = [action, reason].filter((part) => typeof part === 'string');
  return parts.length === 0 ? null : parts.join(': ').slice(0, MAX_REASON_CHARACTERS);
}
