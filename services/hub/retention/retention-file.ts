import { LocalText } from '@dipper/contract/api/alarm';
import { CHUNKED_CLASSES, type DataClassName } from '@dipper/contract/api/retention';
import { type Static, Type } from 'typebox';
import { readYamlFile } from '../yaml-file.ts';

const strict = { additionalProperties: false };

const MAX_DAYS = 36_500;
/** Cybersecurity Law of the PRC, art. 21 (3): logs are kept for six months at least. */
const MIN_AUDIT_DAYS = 183;

/** How long one class of data is kept. */
const Keep = Type.Object({ keepDays: Type.Integer({ minimum: 1, maximum: MAX_DAYS }), reason: LocalText }, strict);
const ChunkedKeep = Type.Object(
  { ...Keep.properties, compressAfterDays: Type.Optional(Type.Integer({ minimum: 2, maximum: MAX_DAYS })) },
  strict,
);
const AuditKeep = Type.Object(
  { ...Keep.properties, keepDays: Type.Integer({ minimum: MIN_AUDIT_DAYS, maximum: MAX_DAYS }) },
  strict,
);
/** Rules look back for a week at most, and over the hours of a week that are closed. */
const MIN_FACT_DAYS = 8;
const FactKeep = Type.Object(
  { ...Keep.properties, keepDays: Type.Integer({ minimum: MIN_FACT_DAYS, maximum: MAX_DAYS }) },
  strict,
);

/** Whoever looks at the figures of a month needs the alarms of that month. */
const MIN_ALARM_DAYS = 31;
const AlarmKeep = Type.Object(
  { ...Keep.properties, keepDays: Type.Integer({ minimum: MIN_ALARM_DAYS, maximum: MAX_DAYS }) },
  strict,
);

/**
 * Personal Information Protection Law of the PRC (个人信息保护法), art. 56: impact assessments, and records of what was done with
 * personal information that they are about, are kept for three years at least, one of which may have a leap day.
 */
const MIN_PROCESSING_DAYS = 3 * 365 + 1;
const ProcessingKeep = Type.Object(
  { ...Keep.properties, keepDays: Type.Integer({ minimum: MIN_PROCESSING_DAYS, maximum: MAX_DAYS }) },
  strict,
);

const RetentionFile = Type.Object(
  {
    classes: Type.Object(
      {
        face: ChunkedKeep,
        passage: ChunkedKeep,
        device: ChunkedKeep,
        scene: ChunkedKeep,
        'device-sample': ChunkedKeep,
        audit: AuditKeep,
        'dead-letter': Keep,
        'rule-failure': Keep,
        'rule-fact': FactKeep,
        resend: Keep,
        'device-command': Keep,
        'recording-export': Keep,
        'face-consent': ProcessingKeep,
        'impact-assessment': ProcessingKeep,
        'access-holder': Keep,
        alarm: AlarmKeep,
        'case-picture': Keep,
        'case-text': Keep,
        case: Keep,
      },
      strict,
    ),
  },
  strict,
);

/** What is kept how long, and why; `compressAfterDays` only where there are chunks to compress. */
export type Keep = Static<typeof ChunkedKeep>;
export type RetentionPolicy = Readonly<Record<DataClassName, Keep>>;

/**
 * Reads how long each class of data is kept.
 * @throws ConfigInvalidError naming line, key and the nearest valid name
 */
export function readRetentionFile(file: string): RetentionPolicy {
  const yaml = readYamlFile(file, RetentionFile);
  const { classes } = yaml.value;
  for (const name of CHUNKED_CLASSES) {
    const { keepDays, compressAfterDays } = classes[name];
    if (compressAfterDays !== undefined && compressAfterDays >= keepDays) {
      yaml.problem(['classes', name, 'compressAfterDays'], `must be less than keepDays, ${keepDays}`);
    }
  }
  for (const name of ['case-picture', 'case-text'] as const) {
    if (classes[name].keepDays <= classes.case.keepDays) continue;
    yaml.problem(['classes', name, 'keepDays'], `must be no more than keepDays of case, ${classes.case.keepDays}`);
  }
  yaml.check();
  return classes;
}
