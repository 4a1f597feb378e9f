import type { AccountScope } from '@dipper/contract/api/account';
import { ACCOUNT_NAME_PATTERN, SCOPE_LEVELS } from '@dipper/contract/api/account';
import type { LocalText } from '@dipper/contract/api/alarm';
import { SLUG_PATTERN } from '@dipper/contract/identifiers';
import { nearestName } from '@dipper/contract/nearest-name';
import { createValidator } from '@dipper/contract/validation';
import { boundaryProblem } from '../place/grid-boundary.ts';
import { isTimeZone, OpeningHours, WEEKDAYS } from '../place/opening-hours.ts';

/** What was read from a cell, or what is wrong with it. */
export type Reading = { readonly value: unknown } | { readonly wrong: LocalText };

export type ReadField = (value: unknown) => Reading;

const SLUG = new RegExp(SLUG_PATTERN);
const NAME = new RegExp(ACCOUNT_NAME_PATTERN, 'u');
const SPAN = /^([01]?\d|2[0-3]):[0-5]\d-(([01]?\d|2[0-3]):[0-5]\d|24:00)$/;
const LISTED = /[;；,，、|\s]+/;
const hoursValidator = createValidator(OpeningHours);

const wrong = (zh: string, en: string): Reading => ({ wrong: { zh, en } });
const textOf = (value: unknown): string =>
  (Array.isArray(value) ? value.map(String).join(';') : String(value)).normalize('NFC').trim();

/** An identifier; also of something that is looked up later. */
export const readSlug: ReadField = (value) => {
  const text = textOf(value);
  if (SLUG.test(text)) return { value: text };
  return wrong(
    `“${text}”不能用作编号：须为小写字母、数字和连字符，最多 63 个字符`,
    `'${text}' is no id: lower case letters, digits and hyphens, 63 at most`,
  );
};

export const readAccountName: ReadField = (value) => {
  const text = textOf(value).normalize('NFKC');
  if (NAME.test(text)) return { value: text };
  return wrong(
    `“${text}”不能用作用户名：以文字或数字开头，可含点、下划线和连字符`,
    `'${text}' is no account name: it begins with a letter or digit, and has dots, underscores and hyphens`,
  );
};

/** @param maxCharacters a name that fits on a line */
export function textField(maxCharacters: number): ReadField {
  return (value) => {
    const text = textOf(value);
    if (text.length <= maxCharacters) return { value: text };
    return wrong(`超过 ${maxCharacters} 个字符`, `is longer than ${maxCharacters} characters`);
  };
}

/**
 * One of several words.
 * @param words what is stored, and what people write for it besides
 */
export function wordField(words: Readonly<Record<string, readonly string[]>>): ReadField {
  return (value) => {
    const text = textOf(value).toLowerCase();
    const found = Object.keys(words).find((word) => word === text || words[word]?.includes(text) === true);
    if (found !== undefined) return { value: found };
    const known = Object.entries(words).flatMap(([word, aliases]) => [word, ...aliases]);
    const nearest = nearestName(text, known);
    const choices = Object.entries(words).map(([word, [chinese]]) => ({ word, chinese: chinese ?? word }));
    return wrong(
      `没有“${text}”${nearest === undefined ? '' : `，是否为“${nearest}”`}；可选：${choices.map(({ chinese }) => chinese).join('、')}`,
      `there is no '${text}'${nearest === undefined ? '' : `; did you mean '${nearest}'?`} (known: ${choices.map(({ word }) => word).join(', ')})`,
    );
  };
}

/** Several words, however they are separated. */
export function wordsField(words: Readonly<Record<string, readonly string[]>>): ReadField {
  const readWord = wordField(words);
  return (value) => {
    const readings = textOf(value).split(LISTED).filter(Boolean).map(readWord);
    const bad = readings.find((reading) => 'wrong' in reading);
    if (bad !== undefined) return bad;
    const found = new Set(readings.map((reading) => ('value' in reading ? String(reading.value) : '')));
    return { value: Object.keys(words).filter((word) => found.has(word)) };
  };
}

/** Degrees. */
export function degreesField(limitDeg: number): ReadField {
  return (value) => {
    const text = textOf(value);
    const degrees = Number(text);
    if (text !== '' && Number.isFinite(degrees) && Math.abs(degrees) <= limitDeg) return { value: degrees };
    return wrong(`“${text}”不是 ±${limitDeg} 之内的度数`, `'${text}' is no number of degrees within ±${limitDeg}`);
  };
}

export const readDate: ReadField = (value) => {
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(textOf(value));
  const [, year = '', month = '', day = ''] = match ?? [];
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${date}T00:00:00Z`);
  if (match !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date)) return { value: date };
  return wrong(`“${textOf(value)}”不是日期，请写作 2026-02-17`, `'${textOf(value)}' is no date such as 2026-02-17`);
};

/** `08:00-18:00`; Excel drops leading zeros, people write long dashes. */
export const readSpan: ReadField = (value) => {
  const text = textOf(value)
    .replaceAll('：', ':')
    .replaceAll(/\s*[-–—~～至]\s*/g, '-');
  if (!SPAN.test(text)) {
    return wrong(`“${text}”不是时段，请写作 08:00-18:00`, `'${text}' is no time such as 08:00-18:00`);
  }
  return {
    value: text
      .split('-')
      .map((time) => time.padStart(5, '0'))
      .join('-'),
  };
};

const CHINESE_DAYS = '一二三四五六日';
const dayOf = (word: string): number => {
  const english = (WEEKDAYS as readonly string[]).indexOf(word.toLowerCase().slice(0, 3));
  if (english >= 0) return english;
  const day = word.replace(/^(周|星期)/, '').replace('天', '日');
  return day.length === 1 ? CHINESE_DAYS.indexOf(day) : -1;
};

/** Days of the week: `mon-fri`, `mon;wed`, `周一至周五`, `daily`, `每天`; sorted, Monday first. */
export const readWeekdays: ReadField = (value) => {
  const text = textOf(value);
  if (['daily', '每天', '每日'].includes(text.toLowerCase())) return { value: [...WEEKDAYS] };
  const days = new Set<number>();
  for (const part of text
    .replaceAll(/\s*[-–—~～至到]\s*/g, '-')
    .split(LISTED)
    .filter(Boolean)) {
    const [first = -1, last = first] = part.split('-').map(dayOf);
    if (first < 0 || last < 0 || part.split('-').length > 2) {
      return wrong(`“${part}”不是星期，请写作 周一至周五`, `'${part}' is no day of the week such as mon-fri`);
    }
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return { value: WEEKDAYS.filter((_, index) => days.has(index)) };
};

const LEVEL_WORDS: Readonly<Record<string, (typeof SCOPE_LEVELS)[number]>> = {
  街道: 'subdistrict',
  社区: 'community',
  网格: 'grid',
  小区: 'estate',
};

/** `community:hupan; grid:hupan-grid-1`, or `everywhere`, which is null. */
export const readScope: ReadField = (value) => {
  const text = textOf(value);
  if (['everywhere', '全部'].includes(text.toLowerCase())) return { value: null };
  const scope: AccountScope = [];
  for (const part of text.split(LISTED).filter(Boolean)) {
    const [name = '', id = ''] = part.replace('：', ':').split(':');
    const level = LEVEL_WORDS[name] ?? SCOPE_LEVELS.find((each) => each === name.toLowerCase());
    if (level === undefined || !SLUG.test(id)) {
      return wrong(
        `“${part}”不是范围，请写作 网格:编号（街道、社区、网格、小区）或 全部`,
        `'${part}' is no scope such as grid:some-id (${SCOPE_LEVELS.join(', ')}) or everywhere`,
      );
    }
    scope.push({ level, id });
  }
  return { value: scope.toSorted((a, b) => (`${a.level} ${a.id}` < `${b.level} ${b.id}` ? -1 : 1)) };
};

/** As the places file has them; a table says `closed`. */
export const readHours: ReadField = (value) => {
  const hours: unknown = value === 'closed' || value === '关闭' ? { closed: 'always' } : value;
  const isRight =
    hoursValidator.is(hours) &&
    (hours.closed === undefined) !== (hours.weekly === undefined) &&
    (hours.weekly === undefined || (hours.timeZone !== undefined && isTimeZone(hours.timeZone)));
  if (isRight) return { value: hours };
  return wrong(
    '开放时间须为 closed，或在 YAML 中写明 timeZone 和 weekly',
    "hours are 'closed', or in YAML a timeZone and a weekly table",
  );
};

const BOUNDARY_PROBLEMS: Readonly<Record<NonNullable<ReturnType<typeof boundaryProblem>>, LocalText>> = {
  type: { zh: '边界须为 Polygon 或 MultiPolygon', en: 'a boundary is a Polygon or a MultiPolygon' },
  ring: {
    zh: '边界须闭合：至少四个点，首尾相同',
    en: 'a boundary is closed: four positions at least, the last the same as the first',
  },
  position: {
    zh: '坐标须为 [经度, 纬度]（WGS 84）',
    en: 'a position is [longitude, latitude] in degrees (WGS 84)',
  },
};

export const readBoundary: ReadField = (value) => {
  const geometry = geometryOf(value);
  const problem = boundaryProblem(geometry);
  return problem === undefined ? { value: geometry } : { wrong: BOUNDARY_PROBLEMS[problem] };
};

function geometryOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}
