import type { ErrorText } from './error-text.ts';

/** Recognition of faces: consents, assessments, enrolments. */
export const FACE_ERRORS = {
  CONSENT_MISSING: {
    status: 409,
    en: 'There is no current consent for this at that access point, or the edge’s policy does not name it yet.',
    zh: '该出入口没有有效的人脸识别同意，或边缘节点的策略尚未包含它。',
  },
  CONSENT_WITHDRAWN: {
    status: 409,
    en: 'This consent has been withdrawn. A new one has to be given.',
    zh: '该同意已撤回，须重新取得同意。',
  },
  GUARDIAN_MISSING: {
    status: 422,
    en: 'Under fourteen only a guardian can consent. Name the guardian and how it was proven.',
    zh: '不满十四周岁须由监护人同意，请填写监护人及核验方式。',
  },
  ASSESSMENT_MISSING: {
    status: 409,
    en: 'No current impact assessment is on file, so nobody’s face may be recognised. Put one on file first.',
    zh: '没有有效的个人信息保护影响评估，不得启用人脸识别，请先登记评估。',
  },
  RECOGNITION_OFF: {
    status: 409,
    en: 'No camera recognises faces at this access point. Give one `recognition` in the edge’s configuration.',
    zh: '该出入口没有启用人脸识别的摄像机，请在边缘节点配置中设置 recognition。',
  },
  ENROLMENT_UNDER_WAY: {
    status: 409,
    en: 'Somebody is being enrolled at this camera at the moment. Wait until that has ended.',
    zh: '该摄像机正在录入另一人，请等待其结束。',
  },
  FACE_NOT_SEEN: {
    status: 422,
    en: 'No face was seen. Stand before the camera, in the light, and look at it.',
    zh: '未看到人脸，请站到摄像机前光线充足处并看向摄像机。',
  },
  SEVERAL_FACES: {
    status: 422,
    en: 'More than one person was in the picture. Enrol one at a time.',
    zh: '画面中不止一人，请逐人录入。',
  },
  QUALITY_LOW: {
    status: 422,
    en: 'The pictures were too small, blurred or turned away. Come nearer, and take off mask or sunglasses.',
    zh: '图像过小、模糊或角度过大，请靠近并摘下口罩或墨镜。',
  },
  LIVENESS_FAILED: {
    status: 422,
    en: 'No sign of life was seen, or it looked like a picture. Turn the head a little to either side, and try again.',
    zh: '未检测到活体特征或疑似照片，请左右轻轻转头后重试。',
  },
} as const satisfies Record<string, ErrorText>;
