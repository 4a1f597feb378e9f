import { HolderImportReport, HolderImportRequest } from '@dipper/contract/api/holder-import';
import { MAX_IMPORT_FILE_BYTES } from '@dipper/contract/api/import';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { principalOf } from '../../plugins/access.ts';
import { HOLDER_KEEPERS } from '../../plugins/roles.ts';
import type { HolderImportService } from './holder-import.service.ts';

/** Base64 of one file, and what stands around it. */
const MAX_BODY_BYTES = 1.5 * MAX_IMPORT_FILE_BYTES;

export const holderImportRoutes: FastifyPluginAsyncTypebox<{ readonly holderImports: HolderImportService }> = async (
  app,
  { holderImports },
) => {
  app.post(
    '/holder-imports',
    {
      config: {
        access: { roles: HOLDER_KEEPERS, located: true },
        audit: { action: 'holder.import', target: 'answer.outcome' },
        errors: ['CREDENTIAL_IN_USE'],
      },
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        summary: 'Import residents from a CSV file, with cards, vehicles and permits',
        description:
          'In one transaction or not at all; `problems` name line and column. It adds and takes nothing away, and the same file a second time changes nothing. Columns: 姓名, 房号, 卡号, 车牌, 出入口, 时段, 有效期至 (name, unit, cards, plates, access_points, schedule, until). 201 when something was changed, 200 otherwise.',
        tags: ['holders'],
        body: HolderImportRequest,
        response: { 200: HolderImportReport, 201: HolderImportReport },
      },
    },
    async (request, reply) => {
      const report = await holderImports.run(request.body, principalOf(request));
      const { residents, cards, vehicles, permits } = report.counts;
      const brought = `${residents} residents, ${cards} cards, ${vehicles} vehicles, ${permits} permits`;
      request.auditNote = { target: report.outcome, reason: `${request.body.file.name}: ${brought}` };
      return reply
        .code(report.outcome === 'imported' ? 201 : 200)
        .header('cache-control', 'no-store')
        .send(report);
    },
  );
};
