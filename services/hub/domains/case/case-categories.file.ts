import { LocalText, Priority } from '@dipper/contract/api/alarm';
import { PLATFORMS, Platform } from '@dipper/contract/api/case';
import { DeadlineClass } from '@dipper/contract/api/case-category';
import { Slug } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';
import { readYamlFile } from '../../yaml-file.ts';

const strict = { additionalProperties: false };
const AccountName = Type.String({ minLength: 1, maxLength: 64 });

/** config/case-categories.yaml */
export const CaseCategoriesFile = Type.Object(
  {
    /** 包案: what is overdue for so long goes to a leader. */
    backlog: Type.Object(
      {
        afterDays: Type.Integer({ minimum: 1, maximum: 365 }),
        /** Account names by platform; `default` for the others. */
        leaders: Type.Partial(Type.Record(Type.Enum([...PLATFORMS, 'default']), AccountName)),
      },
      strict,
    ),
    categories: Type.Array(
      Type.Object(
        {
          id: Slug,
          name: LocalText,
          platform: Platform,
          priority: Priority,
          deadline: DeadlineClass,
          remindBeforeMin: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 * 24 * 60 })),
          public: Type.Optional(Type.Boolean()),
        },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  strict,
);
export type CaseCategoriesFile = Static<typeof CaseCategoriesFile>;

/**
 * Reads the categories of cases.
 * @throws ConfigInvalidError naming line and key
 */
export function readCaseCategoriesFile(file: string): CaseCategoriesFile {
  const yaml = readYamlFile(file, CaseCategoriesFile);
  const seen = new Set<string>();
  for (const [index, { id }] of yaml.value.categories.entries()) {
    if (seen.has(id)) yaml.problem(['categories', index, 'id'], `'${id}' occurs twice`);
    seen.add(id);
  }
  yaml.check();
  return yaml.value;
}
