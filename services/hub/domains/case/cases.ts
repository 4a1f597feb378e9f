import type { Logger } from 'pino';
import type { HubConfig } from '../../config.ts';
import type { Db } from '../../database/pool.ts';
import type { GridCaseService } from '../../services.ts';
import { readCalendarFile } from './calendar.file.ts';
import { type CaseAttachmentService, createCaseAttachmentService } from './case-attachment.service.ts';
import { readCaseCategoriesFile } from './case-categories.file.ts';
import { type CaseClock, createCaseClock } from './case-clock.ts';
import { type CaseFiguresService, createCaseFiguresService } from './case-figures.service.ts';
import { createCaseMediaStore } from './case-media-store.ts';
import { createCaseRouting } from './case-routing.ts';
import { type CaseTerms, createCaseTerms } from './case-terms.ts';
import { createGridCaseService } from './grid-case.service.ts';
import { createResidentReportService, type ResidentReportService } from './resident-report.service.ts';
import { createWorkingCalendar } from './working-calendar.ts';

/**
 * Reads what cases are about and when people work.
 * @throws ConfigInvalidError
 */
export function readCaseTerms(config: Pick<HubConfig, 'categoriesFile' | 'calendarFile'>, log: Logger): CaseTerms {
  const calendar = createWorkingCalendar(readCalendarFile(config.calendarFile));
  return createCaseTerms(readCaseCategoriesFile(config.categoriesFile), calendar, (deadline) =>
    log.warn(
      { deadline, calendar: config.calendarFile },
      'a deadline runs into a year whose days off are not known: complete the calendar',
    ),
  );
}

export interface CasesOptions {
  readonly db: Db;
  readonly terms: CaseTerms;
  readonly log: Logger;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
  /** Folder of the pictures. */
  readonly mediaDir: string;
}

/** Everything that is done with cases. */
export interface Cases {
  readonly service: GridCaseService;
  readonly attachments: CaseAttachmentService;
  readonly reports: ResidentReportService;
  readonly figures: CaseFiguresService;
  readonly clock: CaseClock;
}

export function createCases(options: CasesOptions): Cases {
  const attachments = createCaseAttachmentService({ ...options, store: createCaseMediaStore(options.mediaDir) });
  return {
    attachments,
    reports: createResidentReportService(options),
    figures: createCaseFiguresService(options.db),
    service: createGridCaseService({ ...options, routing: createCaseRouting(options.db, options.now) }),
    clock: createCaseClock({ ...options, housekeep: attachments.sweep }),
  };
}
