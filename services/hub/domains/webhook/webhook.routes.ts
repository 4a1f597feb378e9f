import {
  CreatedWebhook,
  DELIVERY_STATUSES,
  DeliveryView,
  NewWebhook,
  RotatedSecret,
  WebhookChange,
  WebhookView,
} from '@dipper/contract/api/webhook';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { WebhookService } from './webhook.service.ts';

export interface WebhookRoutesOptions {
  readonly webhooks: WebhookService;
  readonly signal: AbortSignal;
}

const Params = Type.Object({ id: Uuid });
const tags = ['webhooks'];

export const webhookRoutes: FastifyPluginAsyncTypebox<WebhookRoutesOptions> = async (app, options) => {
  const { webhooks, signal } = options;
  const config = { access: { roles: ADMINS } };
  app.get(
    '/webhooks',
    {
      config,
      schema: {
        summary: 'Webhooks, newest first',
        tags,
        querystring: listQuery({}),
        response: listResponse(WebhookView),
      },
    },
    async ({ query }) => listed(await webhooks.list(query)),
  );
  app.get(
    '/webhooks/:id',
    { config, schema: { summary: 'One webhook', tags, params: Params, response: { 200: WebhookView } } },
    async ({ params }) => webhooks.get(params.id),
  );
  app.post(
    '/webhooks',
    {
      config: { ...config, audit: { action: 'webhook.create' } },
      schema: {
        summary: 'Create a webhook',
        description:
          'Messages of the format `standard` are JSON `{type, timestamp, data}`, signed as Standard Webhooks 1.0.0 has it (`webhook-id`, `webhook-timestamp`, `webhook-signature: v1,…`). The secret is in this answer and never again. What happens to one subject arrives in order; the same `webhook-id` may arrive twice.',
        tags,
        body: NewWebhook,
        response: { 201: CreatedWebhook },
      },
    },
    async (request, reply) => {
      const created = await webhooks.create(request.body, principalOf(request).name);
      request.auditNote = { target: created.webhook.id, reason: created.webhook.url };
      return reply.code(201).header('cache-control', 'no-store').send(created);
    },
  );
  app.patch(
    '/webhooks/:id',
    {
      config: { ...config, audit: { action: 'webhook.update' } },
      schema: {
        summary: 'Change, disable or enable a webhook',
        description:
          'Enabled again, it goes on where it stopped. Changes are kept for three days: what is older is passed by, and `gapAt` says so.',
        tags,
        params: Params,
        body: WebhookChange,
        response: { 200: WebhookView },
      },
    },
    async (request) => {
      const webhook = await webhooks.change(request.params.id, request.body);
      request.auditNote = { reason: Object.keys(request.body).join(', ') };
      return webhook;
    },
  );
  app.delete(
    '/webhooks/:id',
    {
      config: { ...config, audit: { action: 'webhook.delete' } },
      schema: {
        summary: 'Delete a webhook with what waits for it',
        tags,
        params: Params,
        response: { 204: Type.Null({ description: 'Deleted' }) },
      },
    },
    async (request, reply) => {
      await webhooks.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/webhooks/:id/secrets',
    {
      config: { ...config, audit: { action: 'webhook.rotate' } },
      schema: {
        summary: 'Give a webhook a new secret',
        description: 'For a day messages carry the signatures of both secrets.',
        tags,
        params: Params,
        response: { 201: RotatedSecret },
      },
    },
    async (request, reply) => {
      const rotated = await webhooks.rotateSecret(request.params.id);
      return reply.code(201).header('cache-control', 'no-store').send(rotated);
    },
  );
  app.post(
    '/webhooks/:id/tests',
    {
      config: { ...config, audit: { action: 'webhook.test' } },
      schema: {
        summary: 'Send a test message and tell how it ended',
        description: 'One attempt, within ten seconds, also to a webhook that is disabled.',
        tags,
        params: Params,
        response: { 201: DeliveryView },
      },
    },
    async (request, reply) => {
      const delivery = await webhooks.test(request.params.id, signal);
      request.auditNote = { reason: delivery.outcome };
      return reply.code(201).send(delivery);
    },
  );
  app.get(
    '/webhooks/:id/deliveries',
    {
      config,
      schema: {
        summary: 'Messages to a webhook, newest first',
        tags,
        params: Params,
        querystring: listQuery({ status: Type.Optional(Type.Enum(DELIVERY_STATUSES)) }),
        response: listResponse(DeliveryView),
      },
    },
    async ({ params, query }) => listed(await webhooks.listDeliveries(params.id, query)),
  );
};
