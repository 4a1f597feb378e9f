import type { ErrorText } from './error-text.ts';

/** Recordings, their playback and their export. */
export const RECORDING_ERRORS = {
  RECORDING_OFF: {
    status: 409,
    en: 'This camera is not recorded. Give it `recording` in the edge’s configuration.',
    zh: '该摄像机未开启录像，请在边缘节点配置中设置 recording。',
  },
  RECORDING_MISSING: {
    status: 404,
    en: 'Nothing is recorded of this time: see the time line for what is, and why not.',
    zh: '该时段没有录像，请查看时间轴了解可用时段与缺失原因。',
  },
  RECORDING_DAMAGED: {
    status: 502,
    en: 'The recording of this time is damaged. See the edge’s log for the file.',
    zh: '该时段的录像已损坏，详见边缘节点日志。',
  },
  RECORDINGS_UNAVAILABLE: {
    status: 503,
    en: 'The disk of the recordings cannot be read. See the state of the edge.',
    zh: '录像磁盘无法读取，请检查边缘节点状态。',
  },
  PLAYBACK_LIMIT_REACHED: {
    status: 503,
    en: 'The edge plays or exports as much as it may at once. Close another playback, or try again later.',
    zh: '该边缘节点的回放或导出数量已达上限，请关闭其他回放或稍后再试。',
  },
  TIMELINE_TOO_LONG: {
    status: 400,
    en: 'That is more time than one time line shows. Choose a shorter one, at most 31 days.',
    zh: '时间轴范围过长，请缩短（最长 31 天）。',
  },
  EXPORT_TOO_LONG: {
    status: 400,
    en: 'One export holds at most six hours. Ask for several.',
    zh: '单次导出最长六小时，请分多次导出。',
  },
  EXPORT_NOT_FINISHED: {
    status: 409,
    en: 'The manifest is there once the whole file has been handed out.',
    zh: '文件全部下载完成后才有清单。',
  },
  EXPORT_ENDED: {
    status: 409,
    en: 'This export has been handed out, has failed or is over its time. Ask for another one.',
    zh: '该导出已完成、失败或过期，请重新申请。',
  },
  EXPORT_IN_PROGRESS: {
    status: 409,
    en: 'This export is being handed out already.',
    zh: '该导出正在下载。',
  },
} as const satisfies Record<string, ErrorText>;
