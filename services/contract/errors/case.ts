import type { ErrorText } from './error-text.ts';

/** Cases, reports of residents, and the pictures of both. */
export const CASE_ERRORS = {
  STEP_NOT_ALLOWED: {
    status: 409,
    en: 'The case is not in a state that allows this step.',
    zh: '案件当前状态不允许该步骤。',
  },
  HANDLER_CANNOT_VERIFY: {
    status: 409,
    en: 'Whoever handled a case cannot verify it.',
    zh: '处置人不能核查自己处置的案件。',
  },
  ASKER_CANNOT_APPROVE: {
    status: 409,
    en: 'Whoever asked for it cannot decide on it.',
    zh: '申请人不能审批自己的申请。',
  },
  CASE_REQUEST_PENDING: {
    status: 409,
    en: 'Something has been asked for in this case. It has to be approved, refused or withdrawn first.',
    zh: '案件有待审批的申请，请先批准、驳回或撤回。',
  },
  CASE_SUSPENDED: { status: 409, en: 'The case is suspended. Resume it first.', zh: '案件已挂起，请先恢复办理。' },
  MERGE_NOT_ALLOWED: {
    status: 409,
    en: 'These two cases cannot be merged: the one that stays has to be another one that is still open.',
    zh: '这两个案件不能合并：保留的案件须为另一件未办结的案件。',
  },
  REPORT_ALREADY_RATED: { status: 409, en: 'Thank you, you have told us already.', zh: '您已评价过，谢谢。' },
  REPORT_NOT_CLOSED: {
    status: 409,
    en: 'This can be told once the matter has been closed.',
    zh: '办结后才能评价。',
  },
  ATTACHMENT_TYPE_REFUSED: {
    status: 415,
    en: 'Only JPEG, PNG and WebP pictures can be attached.',
    zh: '只能添加 JPEG、PNG 或 WebP 图片。',
  },
  ATTACHMENT_UNREADABLE: {
    status: 422,
    en: 'The picture cannot be read. Take it again, or send it in another format.',
    zh: '图片无法读取，请重新拍摄或换一种格式。',
  },
  ATTACHMENT_TOO_MANY_PIXELS: {
    status: 413,
    en: 'The picture has more pixels than any phone takes. Send a smaller one.',
    zh: '图片像素过多，请缩小后再上传。',
  },
  ATTACHMENTS_BUSY: {
    status: 503,
    en: 'Too many pictures are coming in at once. Send it again in a moment.',
    zh: '同时上传的图片过多，请稍后重试。',
  },
  ATTACHMENTS_FULL: { status: 409, en: 'The case has as many pictures as it can hold.', zh: '案件图片数量已达上限。' },
} as const satisfies Record<string, ErrorText>;
