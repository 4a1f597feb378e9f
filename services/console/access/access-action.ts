import type {
  AccessAreaChange,
  AccessPointChange,
  NewAccessArea,
  NewAccessPoint,
} from '@dipper/contract/api/access-point';
import type { AccessScheduleChange, NewAccessSchedule } from '@dipper/contract/api/access-schedule';

/** What can be done about rules; each is a request of its own. */
export type AccessAction =
  | { readonly what: 'new-point'; readonly body: NewAccessPoint }
  | { readonly what: 'new-area'; readonly body: NewAccessArea }
  | { readonly what: 'new-schedule'; readonly body: NewAccessSchedule }
  | { readonly what: 'point'; readonly id: string; readonly body: AccessPointChange }
  | { readonly what: 'area'; readonly id: string; readonly body: AccessAreaChange }
  | { readonly what: 'schedule'; readonly id: string; readonly body: AccessScheduleChange }
  | { readonly what: 'remove'; readonly kind: AccessKind; readonly id: string; readonly version: number };

export type AccessKind = 'point' | 'area' | 'schedule';
