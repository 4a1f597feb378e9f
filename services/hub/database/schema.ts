import type { Alarm, Priority } from '@dipper/contract/api/alarm';
import type { AlarmTransitionKind } from '@dipper/contract/api/alarm-transition';
import type { FeedKind } from '@dipper/contract/api/feed';
import type { PlaceView } from '@dipper/contract/api/inventory';
import type { DeviceStateMessage } from '@dipper/contract/device-state';
import type { RetentionClass } from '@dipper/contract/events';
import type { StatusMessage } from '@dipper/contract/status';
import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';
import type { CaseTables } from '../domains/case/case.tables.ts';
import type { HandoverTables } from '../domains/handover/handover.tables.ts';
import type { RegroupingTables } from '../domains/incident/regrouping.tables.ts';
import type { OutOfServiceTables } from '../domains/out-of-service/out-of-service.tables.ts';
import type { OpeningHours } from '../domains/place/opening-hours.ts';
import type { RuleTables } from '../domains/rule/rule.tables.ts';
import type { ShelfTables } from '../domains/shelf/shelf.tables.ts';

/** Written as text, read as what it means. */
type Json<T> = ColumnType<T, string, string>;
/** int8 and xid8 come as text: JavaScript's numbers end at 2^53. */
type BigInteger = ColumnType<string, bigint | number | string, bigint | number | string>;

interface Named {
  name_zh: string;
  name_en: string;
}

export interface EventTable {
  id: string;
  type: string;
  estate: string;
  agent: string;
  device: string | null;
  place: string | null;
  occurred_at: Date;
  raw_at: Date | null;
  received_at: Date;
  epoch: string;
  sequence: BigInteger;
  correlation: string | null;
  data: Json<unknown>;
}

export interface AlarmTable {
  id: string;
  rule: string;
  key: string;
  priority: Priority;
  safety_critical: Generated<boolean>;
  title_zh: string;
  title_en: string;
  active: boolean;
  late: boolean;
  chattering: Generated<boolean>;
  occurrences: Generated<number>;
  estate: string;
  agent: string;
  device: string | null;
  place: string | null;
  incident: string | null;
  suppressed: Generated<number>;
  suppressed_by: string | null;
  shelf: string | null;
  out_of_service: string | null;
  announced_at: Date | null;
  raised_at: Date;
  last_occurred_at: Date;
  clear_due_at: Date | null;
  cleared_at: Date | null;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  media: Json<Alarm['media']> | null;
}

/** The schema `dipper` as the migrations leave it; the tables of accounts are described where they are used. */
export interface Database
  extends CaseTables,
    ShelfTables,
    OutOfServiceTables,
    RegroupingTables,
    HandoverTables,
    RuleTables {
  'dipper.subdistrict': Named & { id: string };
  'dipper.community': Named & { id: string; subdistrict: string };
  'dipper.grid': Named & { id: string; community: string; kind: 'residential' | 'industrial' | 'market' };
  'dipper.estate': Named & { id: string; community: string };
  'dipper.place': Named & {
    id: string;
    estate: string;
    grid: string | null;
    kind: PlaceView['kind'];
    hours: Json<OpeningHours> | null;
  };
  'dipper.agent': { id: string; estate: string; configured: boolean; evaluated_at: Date | null };
  'dipper.device': Named & {
    id: string;
    agent: string;
    place: string | null;
    kind: 'camera' | 'gate';
    configured: boolean;
  };
  'dipper.agent_status': {
    agent: string;
    state: StatusMessage['state'];
    message: Json<StatusMessage>;
    changed_at: Date;
    seen_at: Date;
    judged_state: StatusMessage['state'] | null;
    hub_keys: string[] | null;
  };
  'dipper.agent_epoch': {
    agent: string;
    epoch: string;
    seen: Generated<string>;
    oldest_occurred_at: Date;
    newest_occurred_at: Date;
  };
  'dipper.agent_evaluation': {
    agent: string;
    epoch: string;
    evaluated: Generated<string>;
    gap_since: Date | null;
    gap_last: string | null;
  };
  'dipper.device_state': { device: string; message: Json<DeviceStateMessage>; reported_at: Date };
  'dipper.event_face': EventTable;
  'dipper.event_passage': EventTable;
  'dipper.event_device': EventTable;
  'dipper.event_scene': EventTable;
  'dipper.event': EventTable & { retention: RetentionClass };
  'dipper.dead_letter': {
    id: Generated<string>;
    agent: string | null;
    topic: string;
    reason: string;
    sha256: Buffer;
    bytes: number;
    epoch: string | null;
    sequence: BigInteger | null;
    times: Generated<number>;
    first_at: Date;
    last_at: Date;
  };
  'dipper.incident': {
    id: string;
    title_zh: string;
    title_en: string;
    priority: Priority;
    open: boolean;
    estate: string;
    place: string | null;
    agent: string;
    started_at: Date;
    last_at: Date;
    joined_into: string | null;
  };
  'dipper.alarm': AlarmTable;
  'dipper.alarm_transition': {
    id: Generated<string>;
    alarm: string;
    what: AlarmTransitionKind;
    at: Date;
    by: string | null;
    note: string | null;
  };
  'dipper.alarm_delay': { rule: string; key: string; occurred_at: Date; due_at: Date; trigger: Json<unknown> };
  'dipper.alarm_end': { rule: string; key: string; at: Date };
  'dipper.rule_failure': {
    id: Generated<string>;
    rule: string;
    agent: string;
    event: string | null;
    error: string;
    occurred_at: Date;
  };
  'dipper.migration': { name: string; sha256: string; applied_at: Date };
  'dipper.change': {
    id: Generated<string>;
    transaction: Generated<string>;
    kind: FeedKind;
    target: string;
    change: 'created' | 'updated';
    at: Date;
  };
}

export type AlarmRow = Selectable<AlarmTable>;
export type NewAlarmRow = Insertable<AlarmTable>;
export type EventRow = Selectable<Database['dipper.event']>;
export type IncidentRow = Selectable<Database['dipper.incident']>;
