import {
  BlockRequest,
  CreatedCredential,
  HolderChange,
  HolderDetail,
  HolderKind,
  HolderView,
  NewCredential,
  NewHolder,
  NewPermit,
  NewVehicle,
} from '@dipper/contract/api/holder';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { HOLDER_BLOCKERS, HOLDER_KEEPERS, HOLDER_READERS } from '../../plugins/roles.ts';
import type { HolderService } from './holder.service.ts';

const tags = ['holders'];
const Params = Type.Object({ id: Uuid });
const CredentialParams = Type.Object({ id: Uuid, credential: Uuid });
const PermitParams = Type.Object({ id: Uuid, permit: Uuid });
const reading = { roles: HOLDER_READERS, located: true } as const;
const keeping = { roles: HOLDER_KEEPERS, located: true } as const;
const blocking = { roles: HOLDER_BLOCKERS, located: true } as const;
const detail = { 200: HolderDetail };

export const holderRoutes: FastifyPluginAsyncTypebox<{ readonly holders: HolderService }> = async (
  app,
  { holders },
) => {
  app.get(
    '/holders',
    {
      config: { access: reading, audit: { action: 'holder.list' } },
      schema: {
        summary: 'Residents and their vehicles, newest first',
        description: 'Personal data: every look is on record. `q` is part of a name, a unit or a plate.',
        tags,
        querystring: listQuery({
          estate: Type.Optional(Slug),
          kind: Type.Optional(HolderKind),
          blocked: Type.Optional(Type.Boolean()),
          ended: Type.Optional(Type.Boolean()),
          q: Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: listResponse(HolderView),
      },
    },
    async ({ query }) => listed(await holders.list(query)),
  );
  app.get(
    '/holders/:id',
    {
      config: { access: reading, audit: { action: 'holder.view' } },
      schema: { summary: 'One holder with credentials and permits', tags, params: Params, response: detail },
    },
    async ({ params }) => holders.get(params.id),
  );
  app.post(
    '/holders',
    {
      config: { access: keeping, audit: { action: 'holder.create' } },
      schema: { summary: 'Enter a resident', tags, body: NewHolder, response: { 201: HolderDetail } },
    },
    async (request, reply) => {
      const made = await holders.create(request.body, principalOf(request));
      request.auditNote = { target: made.holder.id };
      return reply.code(201).send(made);
    },
  );
  app.post(
    '/holders/:id/vehicles',
    {
      config: { access: keeping, audit: { action: 'holder.vehicle' }, errors: ['CREDENTIAL_IN_USE'] },
      schema: {
        summary: 'Enter a vehicle of a resident, with its plate',
        description: 'It is a holder of its own, blocked and ended with its owner, and needs permits of its own.',
        tags,
        params: Params,
        body: NewVehicle,
        response: { 201: HolderDetail },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await holders.addVehicle(request.params.id, request.body, principalOf(request))),
  );
  app.patch(
    '/holders/:id',
    {
      config: { access: keeping, audit: { action: 'holder.update' } },
      schema: { summary: 'Change name or unit', tags, params: Params, body: HolderChange, response: detail },
    },
    async (request) => holders.change(request.params.id, request.body, principalOf(request)),
  );
  app.post(
    '/holders/:id/block',
    {
      config: { access: blocking, audit: { action: 'holder.block' } },
      schema: {
        summary: 'Block a holder at once, or let them through again',
        description: 'Edges that are connected know within two seconds.',
        tags,
        params: Params,
        body: BlockRequest,
        response: detail,
      },
    },
    async (request) => {
      request.auditNote = { reason: reasonOf(request.body) };
      return holders.block(request.params.id, request.body, principalOf(request));
    },
  );
  app.post(
    '/holders/:id/end',
    {
      config: { access: keeping, audit: { action: 'holder.end' } },
      schema: {
        summary: 'End a holder, their vehicles, and all that lets them through',
        description:
          'Values of credentials are forgotten at once; the rest goes as the retention class access-holder says.',
        tags,
        params: Params,
        response: detail,
      },
    },
    async (request) => holders.end(request.params.id, principalOf(request)),
  );
  app.post(
    '/holders/:id/credentials',
    {
      config: {
        access: keeping,
        audit: { action: 'credential.create' },
        errors: ['CREDENTIAL_INVALID', 'CREDENTIAL_IN_USE'],
      },
      schema: {
        summary: 'Give a holder a card, a plate or a PIN',
        description:
          'A PIN is made by the hub and told in this answer and never again. Numbers of cards are kept sealed and shown to nobody.',
        tags,
        params: Params,
        body: NewCredential,
        response: { 201: CreatedCredential },
      },
    },
    async (request, reply) => {
      const made = await holders.addCredential(request.params.id, request.body, principalOf(request));
      request.auditNote = { reason: `${made.credential.factor} ${made.credential.id}` };
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  );
  app.post(
    '/holders/:id/credentials/:credential/block',
    {
      config: { access: blocking, audit: { action: 'credential.block', target: 'params.credential' } },
      schema: {
        summary: 'Block one credential at once, such as a lost card, or let it count again',
        tags,
        params: CredentialParams,
        body: BlockRequest,
        response: detail,
      },
    },
    async (request) => {
      const { id, credential } = request.params;
      request.auditNote = { reason: reasonOf(request.body) };
      return holders.blockCredential(id, credential, request.body, principalOf(request));
    },
  );
  app.post(
    '/holders/:id/credentials/:credential/end',
    {
      config: { access: keeping, audit: { action: 'credential.end', target: 'params.credential' } },
      schema: {
        summary: 'Take a credential back; its value is forgotten',
        tags,
        params: CredentialParams,
        response: detail,
      },
    },
    async (request) => holders.endCredential(request.params.id, request.params.credential, principalOf(request)),
  );
  app.post(
    '/holders/:id/permits',
    {
      config: { access: keeping, audit: { action: 'permit.create' } },
      schema: {
        summary: 'Let a holder through access points, from, until, at which hours',
        tags,
        params: Params,
        body: NewPermit,
        response: { 201: HolderDetail },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await holders.addPermit(request.params.id, request.body, principalOf(request))),
  );
  app.post(
    '/holders/:id/permits/:permit/end',
    {
      config: { access: keeping, audit: { action: 'permit.end', target: 'params.permit' } },
      schema: { summary: 'End a permit', tags, params: PermitParams, response: detail },
    },
    async (request) => holders.endPermit(request.params.id, request.params.permit, principalOf(request)),
  );
};

/** As it stands in the trail. */
function reasonOf({ blocked, reason }: BlockRequest): string {
  return `${blocked ? 'block' : 'unblock'}: ${reason}`;
}
