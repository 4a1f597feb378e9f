import type { PLATFORMS } from '@dipper/contract/api/case';
import type { ImportKind } from '@dipper/contract/api/import';
import type { ROLES } from '@dipper/contract/api/session';
import {
  degreesField,
  type ReadField,
  readAccountName,
  readBoundary,
  readDate,
  readHours,
  readScope,
  readSlug,
  readSpan,
  readWeekdays,
  textField,
  wordField,
  wordsField,
} from './field-reading.ts';

export interface FieldSpec {
  /** Name in a file, and of the column that it is stored in. */
  readonly name: string;
  /** What else the column may be called. */
  readonly aliases: readonly string[];
  readonly read: ReadField;
  /** Has to be there in what is new. */
  readonly isRequired?: true;
  /** What it is the id of. */
  readonly refersTo?: ImportKind;
}

export interface KindSpec {
  /** Key of its list in YAML, and the English name of its table. */
  readonly list: string;
  /** 街道.csv */
  readonly chinese: string;
  /** The field that says which one it is; a line of the roster is known by everything it says. */
  readonly key: string | undefined;
  readonly fields: readonly FieldSpec[];
}

const GRID_KINDS = { residential: ['住宅', '居住'], industrial: ['工业', '园区'], market: ['市场', '商业'] };
const PLACE_KINDS = {
  entrance: ['出入口', '门'],
  parking: ['停车场', '停车'],
  gathering: ['公共场所', '广场'],
  perimeter: ['周界', '围墙'],
  indoor: ['室内', '楼道'],
};
const DEVICE_KINDS = { camera: ['摄像机', '相机'], gate: ['道闸', '门禁'] };
const ROLE_WORDS: Record<(typeof ROLES)[number], readonly string[]> = {
  guard: ['保安', '值守'],
  'grid-worker': ['网格员'],
  dispatcher: ['调度员', '调度'],
  supervisor: ['督办', '主管'],
  admin: ['管理员'],
  auditor: ['审计员', '审计'],
};
const PLATFORM_WORDS: Record<(typeof PLATFORMS)[number], readonly string[]> = {
  'public-security': ['综治工作', '综治'],
  'market-supervision': ['市场监管'],
  'law-enforcement': ['综合执法', '执法'],
  convenience: ['便民服务', '便民'],
};
const DUTY_WORDS = { on: ['值班', '上班'], off: ['休息', '休'] };

const id: FieldSpec = { name: 'id', aliases: ['编号', '代码'], read: readSlug, isRequired: true };
const names: readonly FieldSpec[] = [
  { name: 'name_zh', aliases: ['名称', '中文名称', 'name'], read: textField(80), isRequired: true },
  { name: 'name_en', aliases: ['英文名称'], read: textField(80) },
];
const reference = (refersTo: ImportKind, chinese: string, isRequired = true): FieldSpec => ({
  name: refersTo,
  aliases: [chinese, `${chinese}编号`],
  read: readSlug,
  refersTo,
  ...(isRequired ? { isRequired: true } : {}),
});

/** What can be imported, in the order in which one needs the other. */
export const KINDS: Readonly<Record<ImportKind, KindSpec>> = {
  subdistrict: { list: 'subdistricts', chinese: '街道', key: 'id', fields: [id, ...names] },
  community: {
    list: 'communities',
    chinese: '社区',
    key: 'id',
    fields: [id, ...names, reference('subdistrict', '街道')],
  },
  grid: {
    list: 'grids',
    chinese: '网格',
    key: 'id',
    fields: [
      id,
      ...names,
      reference('community', '社区'),
      { name: 'kind', aliases: ['类型', '类别'], read: wordField(GRID_KINDS), isRequired: true },
      { name: 'boundary', aliases: ['边界'], read: readBoundary },
    ],
  },
  estate: { list: 'estates', chinese: '小区', key: 'id', fields: [id, ...names, reference('community', '社区')] },
  agent: { list: 'agents', chinese: '边缘节点', key: 'id', fields: [id, reference('estate', '小区')] },
  place: {
    list: 'places',
    chinese: '场所',
    key: 'id',
    fields: [
      id,
      ...names,
      reference('estate', '小区'),
      reference('grid', '网格', false),
      { name: 'kind', aliases: ['类型', '类别'], read: wordField(PLACE_KINDS), isRequired: true },
      { name: 'latitude_deg', aliases: ['latitude', 'lat', '纬度'], read: degreesField(90) },
      { name: 'longitude_deg', aliases: ['longitude', 'lon', 'lng', '经度'], read: degreesField(180) },
      { name: 'hours', aliases: ['开放时间'], read: readHours },
    ],
  },
  device: {
    list: 'devices',
    chinese: '设备',
    key: 'id',
    fields: [
      id,
      ...names,
      reference('agent', '边缘节点'),
      reference('place', '场所'),
      { name: 'kind', aliases: ['类型', '类别'], read: wordField(DEVICE_KINDS), isRequired: true },
    ],
  },
  staff: {
    list: 'staff',
    chinese: '人员',
    key: 'name',
    fields: [
      { name: 'name', aliases: ['用户名', '账号'], read: readAccountName, isRequired: true },
      { name: 'display_name', aliases: ['姓名', 'displayname'], read: textField(64), isRequired: true },
      { name: 'roles', aliases: ['角色'], read: wordsField(ROLE_WORDS), isRequired: true },
      { name: 'scope', aliases: ['范围', '辖区'], read: readScope },
    ],
  },
  roster: {
    list: 'roster',
    chinese: '值班',
    key: undefined,
    fields: [
      reference('grid', '网格'),
      {
        name: 'account',
        aliases: ['staff', '人员', '用户名', '账号'],
        read: readAccountName,
        isRequired: true,
        refersTo: 'staff',
      },
      { name: 'platform', aliases: ['平台'], read: wordField(PLATFORM_WORDS) },
      { name: 'weekdays', aliases: ['days', '星期'], read: readWeekdays },
      { name: 'on_date', aliases: ['date', '日期'], read: readDate },
      { name: 'duty', aliases: ['班次', '值班'], read: wordField(DUTY_WORDS) },
      { name: 'span', aliases: ['hours', '时段', '时间'], read: readSpan },
      { name: 'from_date', aliases: ['from', '起始日期', '开始日期'], read: readDate },
      { name: 'until_date', aliases: ['until', '截止日期', '结束日期'], read: readDate },
    ],
  },
};

const normalised = (name: string): string =>
  name
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');

/** The field that a file calls by a name. */
export function fieldNamed({ fields }: Pick<KindSpec, 'fields'>, name: string): FieldSpec | undefined {
  const wanted = normalised(name);
  return fields.find((field) => [field.name, ...field.aliases].some((each) => normalised(each) === wanted));
}

/** Every name that a column of a kind may have. */
export function columnNamesOf({ fields }: Pick<KindSpec, 'fields'>): string[] {
  return fields.flatMap(({ name, aliases }) => [name, ...aliases]);
}

/** What the rows of a table are, by the name of its file: `grids-2026.csv`, `网格.csv`. */
export function kindOfFile(fileName: string): ImportKind | undefined {
  const stem = normalised((fileName.split(/[/\\]/).at(-1) ?? '').replace(/\.[^.]*$/, ''));
  const begins = (word: string): boolean => stem === word || stem.startsWith(`${word}_`) || stem.startsWith(`${word}.`);
  return (Object.keys(KINDS) as ImportKind[]).find(
    (kind) => begins(KINDS[kind].list) || begins(kind) || stem.startsWith(KINDS[kind].chinese),
  );
}
