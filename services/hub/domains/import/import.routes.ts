import { ImportReport, ImportRequest, MAX_IMPORT_FILE_BYTES } from '@dipper/contract/api/import';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { principalOf } from '../../plugins/access.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { ImportService } from './import.service.ts';

/** Base64 of what a subdistrict needs, all files together. */
const MAX_BODY_BYTES = 3 * MAX_IMPORT_FILE_BYTES;

export const importRoutes: FastifyPluginAsyncTypebox<{ readonly imports: ImportService }> = async (
  app,
  { imports },
) => {
  app.post(
    '/imports',
    {
      config: { access: { roles: ADMINS }, audit: { action: 'import.run', target: 'answer.outcome' } },
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        summary: 'Import places, devices, staff and roster from CSV, YAML and GeoJSON',
        description:
          'In one transaction or not at all. 201 when something was changed, 200 otherwise: `outcome` says why. Codes of new staff are in the answer and never again.',
        tags: ['places'],
        body: ImportRequest,
        response: { 200: ImportReport, 201: ImportReport },
      },
    },
    async (request, reply) => {
      const report = await imports.run(request.body, principalOf(request).name);
      request.auditNote = { target: report.outcome, reason: request.body.files.map(({ name }) => name).join(', ') };
      return reply
        .code(report.outcome === 'imported' ? 201 : 200)
        .header('cache-control', 'no-store')
        .send(report);
    },
  );
};
