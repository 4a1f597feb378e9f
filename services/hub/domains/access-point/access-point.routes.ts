import {
  AccessAreaChange,
  AccessAreaView,
  AccessPointChange,
  AccessPointView,
  NewAccessArea,
  NewAccessPoint,
} from '@dipper/contract/api/access-point';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ACCESS_KEEPERS, ACCESS_READERS } from '../../plugins/roles.ts';
import type { AccessAreaService } from './access-area.service.ts';
import type { AccessPointService } from './access-point.service.ts';

export interface AccessPointRoutesOptions {
  readonly points: AccessPointService;
  readonly areas: AccessAreaService;
}

const tags = ['access'];
const Params = Type.Object({ id: Slug });
/** The version that was looked at: what somebody has changed since is not deleted unseen. */
const Seen = Type.Object({ version: AccessPointChange.properties.version }, { additionalProperties: false });
const deleted = { 204: Type.Null({ description: 'Deleted' }) };
const reading = { access: { roles: ACCESS_READERS, located: true } } as const;
const keeping = { roles: ACCESS_KEEPERS, located: true } as const;

export const accessPointRoutes: FastifyPluginAsyncTypebox<AccessPointRoutesOptions> = async (
  app,
  { points, areas },
) => {
  app.get(
    '/access-points',
    {
      config: reading,
      schema: {
        summary: 'Ways through gates and by what rules one passes, by id',
        tags,
        querystring: listQuery({ estate: Type.Optional(Slug), place: Type.Optional(Slug) }),
        response: listResponse(AccessPointView),
      },
    },
    async ({ query }) => listed(await points.list(query)),
  );
  app.get(
    '/access-points/:id',
    {
      config: reading,
      schema: { summary: 'One access point', tags, params: Params, response: { 200: AccessPointView } },
    },
    async ({ params }) => points.get(params.id),
  );
  app.post(
    '/access-points',
    {
      config: {
        access: keeping,
        audit: { action: 'access-point.create', target: 'body.id' },
        errors: ['ACCESS_POINT_EXISTS'],
      },
      schema: {
        summary: 'Make an access point of a gate',
        description:
          'REQUEST_INVALID where a rule leaves no way in without a face, or names what is not of this estate.',
        tags,
        body: NewAccessPoint,
        response: { 201: AccessPointView },
      },
    },
    async (request, reply) => reply.code(201).send(await points.create(request.body, principalOf(request))),
  );
  app.patch(
    '/access-points/:id',
    {
      config: { access: keeping, audit: { action: 'access-point.update' } },
      schema: {
        summary: 'Change an access point; edges that are connected know within two seconds',
        tags,
        params: Params,
        body: AccessPointChange,
        response: { 200: AccessPointView },
      },
    },
    async (request) => points.change(request.params.id, request.body, principalOf(request)),
  );
  app.delete(
    '/access-points/:id',
    {
      config: { access: keeping, audit: { action: 'access-point.delete' }, errors: ['ACCESS_STILL_USED'] },
      schema: {
        summary: 'Delete an access point that no permit and no consent names',
        tags,
        params: Params,
        querystring: Seen,
        response: deleted,
      },
    },
    async ({ params, query }, reply) => {
      await points.remove(params.id, query.version);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/access-areas',
    {
      config: reading,
      schema: {
        summary: 'What lies between access points, by id',
        tags,
        querystring: listQuery({ estate: Type.Optional(Slug) }),
        response: listResponse(AccessAreaView),
      },
    },
    async ({ query }) => listed(await areas.list(query)),
  );
  app.post(
    '/access-areas',
    {
      config: {
        access: keeping,
        audit: { action: 'access-area.create', target: 'body.id' },
        errors: ['ACCESS_POINT_EXISTS'],
      },
      schema: { summary: 'Make an area', tags, body: NewAccessArea, response: { 201: AccessAreaView } },
    },
    async (request, reply) => reply.code(201).send(await areas.create(request.body, principalOf(request))),
  );
  app.patch(
    '/access-areas/:id',
    {
      config: { access: keeping, audit: { action: 'access-area.update' } },
      schema: {
        summary: 'Change an area: its name, how many may be in it, when it is forgotten who is',
        tags,
        params: Params,
        body: AccessAreaChange,
        response: { 200: AccessAreaView },
      },
    },
    async (request) => areas.change(request.params.id, request.body, principalOf(request)),
  );
  app.delete(
    '/access-areas/:id',
    {
      config: { access: keeping, audit: { action: 'access-area.delete' }, errors: ['ACCESS_STILL_USED'] },
      schema: {
        summary: 'Delete an area that no access point leads into or out of',
        tags,
        params: Params,
        querystring: Seen,
        response: deleted,
      },
    },
    async ({ params, query }, reply) => {
      await areas.remove(params.id, query.version);
      return reply.code(204).send(null);
    },
  );
};
