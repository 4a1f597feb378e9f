import { HOLDER_IMPORT_COLUMNS, type HolderImportColumn } from '@dipper/contract/api/holder-import';
import { normaliseCredential } from '@dipper/contract/credential-hmac';
import { type ReadField, readDate, textField } from '../import/field-reading.ts';
import type { FieldSpec } from '../import/import-kinds.ts';

const LISTED = /[;；,，、|]+/;
/** A name of an access point may have spaces in it, a card or a plate has none. */
const LISTED_OR_SPACED = /[;；,，、|\s]+/;

const partsOf = (value: unknown, separator: RegExp): string[] =>
  String(value)
    .normalize('NFKC')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Numbers of cards. A spreadsheet that took one for a number has written it as 1.23E+09. */
const readCards: ReadField = (value) => {
  const parts = partsOf(value, LISTED_OR_SPACED);
  const spoilt = parts.find((part) => /^\d[.,]?\d*E\+?\d+$/i.test(part));
  if (spoilt !== undefined) {
    return {
      wrong: {
        zh: `“${spoilt}”是被表格软件改写的卡号；请把该列设为“文本”后重新填写`,
        en: `'${spoilt}' is a card number that the spreadsheet has spoilt: format the column as text and enter it again`,
      },
    };
  }
  const cards = parts.map((part) => normaliseCredential('card', part));
  const bad = cards.indexOf(undefined);
  if (bad < 0) return { value: cards };
  return {
    wrong: {
      zh: `“${parts[bad]}”不是卡号：4 至 32 位数字或字母，多张卡用分号隔开`,
      en: `'${parts[bad]}' is no card number: 4 to 32 digits or letters; several are separated by semicolons`,
    },
  };
};

const readPlates: ReadField = (value) => {
  const parts = partsOf(value, LISTED_OR_SPACED);
  const plates = parts.map((part) => normaliseCredential('plate', part));
  const bad = plates.indexOf(undefined);
  if (bad < 0) return { value: plates };
  return {
    wrong: {
      zh: `“${parts[bad]}”不是车牌，请写作 浙A12345，多个用分号隔开`,
      en: `'${parts[bad]}' is no plate such as 浙A12345; several are separated by semicolons`,
    },
  };
};

const READING: Readonly<Record<HolderImportColumn, { readonly read: ReadField; readonly aliases: readonly string[] }>> =
  {
    name: { read: textField(64), aliases: ['住户', '业主', '住户姓名'] },
    unit: { read: textField(32), aliases: ['房间号', '房屋', '门牌号', 'room'] },
    cards: { read: readCards, aliases: ['门禁卡', '卡', 'card'] },
    plates: { read: readPlates, aliases: ['车牌号', 'plate'] },
    access_points: { read: (value) => ({ value: partsOf(value, LISTED) }), aliases: ['门', '通行出入口', 'gates'] },
    schedule: { read: textField(64), aliases: ['通行时段'] },
    until: { read: readDate, aliases: ['有效期', '截止日期', 'valid_until'] },
  };

/** What a file of residents may say of each. */
export const HOLDER_FIELDS: { readonly fields: readonly FieldSpec[] } = {
  fields: HOLDER_IMPORT_COLUMNS.map(({ name, chinese }) => ({
    name,
    aliases: [chinese, ...READING[name].aliases],
    read: READING[name].read,
    ...(name === 'name' && { isRequired: true as const }),
  })),
};
