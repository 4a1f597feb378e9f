import { HubKeyView } from '@dipper/contract/api/hub-key';
import { HubKeyId } from '@dipper/contract/hub-key';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { HubKeyService } from './hub-key.service.ts';

const tags = ['agents'];
const access = { roles: ADMINS };

export const hubKeyRoutes: FastifyPluginAsyncTypebox<{ readonly keys: HubKeyService }> = async (app, { keys }) => {
  app.get(
    '/hub-keys',
    {
      config: { access },
      schema: {
        summary: 'Keys with which the hub signs receipts and commands, newest first',
        tags,
        querystring: listQuery({}),
        response: listResponse(HubKeyView),
      },
    },
    async ({ query }) => listed(await keys.list(query)),
  );
  app.post(
    '/hub-keys',
    {
      config: {
        access,
        audit: { action: 'hub-key.create', target: 'answer.id' },
        errors: ['HUB_KEY_ROTATION_UNDER_WAY'],
      },
      schema: {
        summary: 'Begin to replace the signing key',
        description:
          'Agents learn the next key by a message that the present one signed, and believe both. Once every agent that ever spoke has told that it does, the hub signs with the next and forgets the present.',
        tags,
        response: { 201: HubKeyView },
      },
    },
    async (_request, reply) => reply.code(201).send(await keys.begin()),
  );
  app.post(
    '/hub-keys/:id/activation',
    {
      config: { access, audit: { action: 'hub-key.activate' } },
      schema: {
        summary: 'Sign with the next key at once, without waiting for the rest of the agents',
        description: 'Agents whose `hubKeyState` is `behind` are `lost` from then on, until they enrol again.',
        tags,
        params: Type.Object({ id: HubKeyId }),
        response: { 200: HubKeyView },
      },
    },
    async ({ params }) => keys.activate(params.id),
  );
};
