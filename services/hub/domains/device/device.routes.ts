import { DeviceView } from '@dipper/contract/api/inventory';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { EVERYBODY } from '../../plugins/roles.ts';
import type { DeviceService } from '../../services.ts';

const Query = listQuery({
  kind: Type.Optional(Type.Enum(['camera', 'gate'])),
  estate: Type.Optional(Slug),
  agent: Type.Optional(Slug),
  place: Type.Optional(Slug),
});

export const deviceRoutes: FastifyPluginAsyncTypebox<{ readonly devices: DeviceService }> = async (
  app,
  { devices },
) => {
  const config = { access: { roles: EVERYBODY, located: true } };
  app.get(
    '/devices',
    {
      config,
      schema: {
        summary: 'Cameras and gates with their present state',
        tags: ['devices'],
        querystring: Query,
        response: listResponse(DeviceView),
      },
    },
    async ({ query }) => listed(await devices.list(query)),
  );
  app.get(
    '/devices/:id',
    {
      config,
      schema: {
        summary: 'One device',
        tags: ['devices'],
        params: Type.Object({ id: Slug }),
        response: { 200: DeviceView },
      },
    },
    async ({ params }) => devices.get(params.id),
  );
};
