import { Readable } from 'node:stream';
import {
  ATTACHMENT_TYPES,
  AttachmentQuery,
  CaseAttachment,
  MAX_ATTACHMENT_BYTES,
} from '@dipper/contract/api/case-attachment';
import { DipperError } from '@dipper/contract/errors';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { CASE_WORKERS, EVERYBODY } from '../../plugins/roles.ts';
import type { CaseAttachmentService } from './case-attachment.service.ts';

export interface CaseAttachmentRoutesOptions {
  readonly attachments: CaseAttachmentService;
}

const PICTURE = { schema: Type.String({ format: 'binary' }), example: '' };

/** Pictures of cases. The body of a request is the picture itself: it is written to the disk as it comes. */
export const caseAttachmentRoutes: FastifyPluginAsyncTypebox<CaseAttachmentRoutesOptions> = async (
  app,
  { attachments },
) => {
  // Of these routes alone: everywhere else JSON is all that the API takes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...ATTACHMENT_TYPES], async (_request: unknown, body: Readable) => body);
  app.addContentTypeParser('*', async (_request: unknown, body: Readable) => {
    body.resume();
    throw new DipperError('ATTACHMENT_TYPE_REFUSED');
  });
  app.post(
    '/cases/:id/attachments',
    {
      bodyLimit: MAX_ATTACHMENT_BYTES,
      config: {
        access: { roles: CASE_WORKERS, located: true },
        errors: [
          'FORBIDDEN',
          'STEP_NOT_ALLOWED',
          'ATTACHMENTS_FULL',
          'MESSAGE_TOO_LARGE',
          'ATTACHMENT_TYPE_REFUSED',
          'ATTACHMENT_UNREADABLE',
          'ATTACHMENT_TOO_MANY_PIXELS',
          'ATTACHMENTS_BUSY',
          'IDEMPOTENCY_KEY_REUSED',
        ],
        audit: { action: 'case.attach' },
      },
      schema: {
        summary: 'Add a picture to a case',
        description:
          'The body is the picture itself, JPEG, PNG or WebP, at most 12 MiB. It is drawn anew: the place, the owner and everything else that a phone writes into it is gone. `location=keep` keeps the place beside it.',
        tags: ['cases'],
        params: Type.Object({ id: Uuid }),
        querystring: AttachmentQuery,
        response: { 201: CaseAttachment },
      },
    },
    async (request, reply) => {
      const { body } = request as { body: unknown };
      if (!(body instanceof Readable)) throw new DipperError('ATTACHMENT_TYPE_REFUSED');
      const { id } = request.params;
      const added = await attachments
        .add(id, body, request.query, principalOf(request))
        .finally(() => leaveUnread(body, reply));
      return reply.code(201).send(added);
    },
  );
  app.get(
    '/cases/:id/attachments/:attachment',
    {
      config: {
        access: { roles: EVERYBODY, located: true },
        errors: ['NOT_FOUND', 'MEDIA_EXPIRED', 'MEDIA_UNKNOWN'],
        audit: { action: 'case.picture' },
      },
      schema: {
        summary: 'A picture of a case',
        description: 'Every look is in the audit trail.',
        tags: ['cases'],
        params: Type.Object({ id: Uuid, attachment: Uuid }),
        response: {
          200: {
            description: 'The picture',
            content: Object.fromEntries(ATTACHMENT_TYPES.map((type) => [type, PICTURE])),
          },
        },
      },
    },
    async (request, reply) => {
      const { id, attachment } = request.params;
      const principal = principalOf(request);
      const { view, body } = await attachments.open(id, attachment, principal);
      request.auditNote = { target: `${id}/${attachment}` };
      return reply
        .type(view.mime)
        .header('content-length', view.bytes)
        .header('cache-control', 'no-store')
        .header('content-disposition', 'inline')
        .send(body as never);
    },
  );
};

/**
 * What nobody read of a picture, because it was refused or had come before, is thrown away, and nothing else comes over
 * its connection: it would wait behind it for ever.
 */
function leaveUnread(body: Readable, reply: FastifyReply): void {
  if (body.readableEnded) return;
  reply.header('connection', 'close');
  body.resume();
}
