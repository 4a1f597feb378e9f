import type { ErrorText } from './error-text.ts';

/** Devices that were told something, and cameras that turn. */
export const DEVICE_ERRORS = {
  DEVICE_UNKNOWN: { status: 404, en: 'There is no such device.', zh: '没有该设备。' },
  COMMAND_NOT_FOR_DEVICE: {
    status: 409,
    en: 'A device of this kind takes no such command.',
    zh: '该类设备不支持此操作。',
  },
  PTZ_NOT_SUPPORTED: {
    status: 409,
    en: 'This camera cannot be turned: it has no ONVIF PTZ service.',
    zh: '该摄像机不支持云台控制（无 ONVIF PTZ 服务）。',
  },
  PTZ_NOT_MOVING: {
    status: 502,
    en: 'The camera was told to turn and does not. It may stand at its limit; otherwise see to its drive.',
    zh: '摄像机收到命令但没有转动：可能已到极限位置，否则请检查云台。',
  },
  PTZ_STILL_MOVING: {
    status: 502,
    en: 'The camera was told to stop and goes on turning. The edge keeps telling it; if it lasts, cut its power.',
    zh: '摄像机收到停止命令仍在转动，边缘节点将持续重试；若仍不停，请断电处理。',
  },
  PTZ_PRESET_UNKNOWN: { status: 404, en: 'The camera has no such preset.', zh: '摄像机没有该预置位。' },
  PTZ_PRESETS_FULL: {
    status: 409,
    en: 'The camera remembers no more positions. Remove a preset first.',
    zh: '预置位数量已达摄像机上限，请先删除一个。',
  },
  DEVICE_COMMAND_FAILED: {
    status: 502,
    en: 'The device could not be told, or refused. The history of its commands names the cause.',
    zh: '设备无法下达命令或拒绝执行，原因见该设备的操作记录。',
  },
} as const satisfies Record<string, ErrorText>;
