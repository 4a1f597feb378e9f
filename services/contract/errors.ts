/**
 * Every error that leaves a part carries one of these codes. `status` is the HTTP status the API answers with,
 * `en` and `zh` say what happened and what to do next, for a person.
 */
export const ERROR_CODES = {
  // Messages between edge and hub
  MESSAGE_NOT_JSON: { status: 400, en: 'The message is not valid JSON.', zh: '消息不是有效的 JSON。' },
  MESSAGE_TOO_LARGE: {
    status: 413,
    en: 'The message is larger than the contract allows.',
    zh: '消息超过协议允许的大小。',
  },
  MESSAGE_INVALID: { status: 400, en: 'The message does not match its schema.', zh: '消息不符合其结构定义。' },
  TOPIC_UNKNOWN: { status: 400, en: 'The topic is not part of the contract.', zh: '主题不在协议之内。' },
  EVENT_INVALID: {
    status: 400,
    en: 'The event does not match the schema of its type.',
    zh: '事件不符合其类型的结构定义。',
  },
  EVENT_TYPE_UNKNOWN: { status: 400, en: 'The event type is not part of the contract.', zh: '事件类型不在协议之内。' },
  EVENT_MISDIRECTED: {
    status: 400,
    en: 'The event names another agent than the topic it came on.',
    zh: '事件所属的边缘节点与主题不一致。',
  },
  SIGNATURE_INVALID: {
    status: 401,
    en: 'The signature does not verify with the pinned key.',
    zh: '签名无法用已固定的公钥验证。',
  },
  COMMAND_EXPIRED: { status: 409, en: 'The command is not valid at this time.', zh: '命令不在有效期内。' },
  COMMAND_MISDIRECTED: { status: 409, en: 'The command is meant for another agent.', zh: '命令的目标不是本边缘节点。' },
  COMMAND_REPLAYED: { status: 409, en: 'The command has been seen before.', zh: '命令已被使用过。' },
  COMMAND_CHALLENGE_UNKNOWN: {
    status: 409,
    en: 'The command quotes no recent challenge of this agent.',
    zh: '命令未引用本节点最近发出的挑战值。',
  },
  HUB_KEYS_UNRELATED: {
    status: 409,
    en: 'The agent believes none of these keys. It has to enrol again.',
    zh: '边缘节点不信任其中任何密钥，须重新接入。',
  },
  HUB_KEY_ROTATION_UNDER_WAY: {
    status: 409,
    en: 'A next key is being learnt already. Bring that to an end first.',
    zh: '已有新密钥正在分发，请先完成本次更换。',
  },
  COMMAND_UNSUPPORTED: { status: 409, en: 'The agent cannot carry out this command.', zh: '边缘节点不支持该命令。' },
  COMMAND_TIMEOUT: {
    status: 504,
    en: 'The agent did not answer in time. See whether it is online.',
    zh: '边缘节点未及时应答，请检查其是否在线。',
  },
  AGENT_OFFLINE: {
    status: 503,
    en: 'The edge agent is offline. Check its power and network.',
    zh: '边缘节点离线，请检查其电源与网络。',
  },
  OUTBOX_NOTHING_KEPT: {
    status: 410,
    en: 'The edge keeps none of these events any more. It forgets what was receipted seven days ago, earlier when its disk is short.',
    zh: '边缘节点已不再保留这些事件：已签收的事件保留七天，磁盘不足时更短。',
  },
  NOTHING_TO_RESEND: {
    status: 409,
    en: 'No dead letter of this agent has a place in its sequence and is still waiting to be sent again.',
    zh: '该节点没有可重新发送的死信。',
  },
  ENROLMENT_CODE_WRONG: {
    status: 401,
    en: 'There is no such enrolment code. Only the latest one of an agent counts: have a new one made.',
    zh: '接入码不存在。每个节点只有最新的接入码有效，请重新生成。',
  },
  ENROLMENT_CODE_USED: {
    status: 409,
    en: 'This enrolment code has been used already. Have a new one made.',
    zh: '接入码已被使用，请重新生成。',
  },
  ENROLMENT_CODE_EXPIRED: {
    status: 410,
    en: 'This enrolment code is older than 24 hours. Have a new one made.',
    zh: '接入码已超过 24 小时，请重新生成。',
  },
  ENROLMENT_NOT_SET_UP: {
    status: 409,
    en: 'This hub does not keep the broker’s passwords. Set HUB_BROKER_PASSWORDS_FILE and restart it.',
    zh: '本中枢不管理消息代理的密码，请设置 HUB_BROKER_PASSWORDS_FILE 并重启。',
  },
  AGENT_OF_ANOTHER_ESTATE: {
    status: 409,
    en: 'An agent of this name belongs to another estate. Choose another name.',
    zh: '同名节点属于另一小区，请换一个名称。',
  },
  // Access policies
  POLICY_KEY_WRONG: {
    status: 401,
    en: 'The edge’s credential key is not the one that the hub has. Have the edge enrol again.',
    zh: '边缘节点的凭证密钥与中枢不一致，请重新接入该节点。',
  },
  POLICY_SUPERSEDED: {
    status: 409,
    en: 'There is a later policy already; the broker tells of it.',
    zh: '已有更新的通行策略，请等待消息代理通知。',
  },
  POLICY_VERSION_LOWER: {
    status: 409,
    en: 'The policy has a lower version than the one that the edge goes by. It was refused.',
    zh: '通行策略版本低于边缘节点现用版本，已拒绝。',
  },
  POLICY_INVALID: {
    status: 422,
    en: 'The policy is not what was signed, is meant for another edge, or cannot be decided by. It was refused.',
    zh: '通行策略与签名不符、目标不是本节点或内容无效，已拒绝。',
  },
  POLICY_UNREACHABLE: {
    status: 504,
    en: 'The edge cannot fetch the policy from the hub. Check its way to the hub’s address.',
    zh: '边缘节点无法从中枢获取通行策略，请检查其到中枢地址的网络。',
  },
  CREDENTIAL_IN_USE: {
    status: 409,
    en: 'Somebody of this estate has this card or plate already.',
    zh: '本小区已有人使用该卡号或车牌。',
  },
  CREDENTIAL_INVALID: {
    status: 422,
    en: 'This is no number of a card, or no plate.',
    zh: '卡号或车牌格式不正确。',
  },
  // Faces
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
  HOLDER_ENDED: {
    status: 409,
    en: 'This holder has been ended. Enter them anew.',
    zh: '该持有人已注销，请重新登记。',
  },
  PASS_ENDED: {
    status: 409,
    en: 'This pass has been taken back already, or its time is up.',
    zh: '该通行证已撤销或已过期。',
  },
  TOO_MANY_PASSES: {
    status: 409,
    en: 'As many passes as a resident may have out at once. Take one back first, or ask the guard.',
    zh: '同时有效的通行证已达上限，请先撤销一张，或联系门卫。',
  },
  INVITE_WITHOUT_ENTRANCE: {
    status: 409,
    en: 'The resident has no way in of their own, so visitors have none. Give them a permit first.',
    zh: '该住户没有通行权限，访客也无法通行。请先为住户登记权限。',
  },
  ACCESS_POINT_EXISTS: {
    status: 409,
    en: 'There is one of this id already. Choose another.',
    zh: '该标识已存在，请换一个。',
  },
  DEVICE_UNKNOWN: { status: 404, en: 'There is no such device.', zh: '没有该设备。' },
  COMMAND_NOT_FOR_DEVICE: {
    status: 409,
    en: 'A device of this kind takes no such command.',
    zh: '该类设备不支持此操作。',
  },
  GATE_COMMAND_UNCONFIRMED: {
    status: 502,
    en: 'The gate was told, and was not seen to obey. Look at it before you tell it again.',
    zh: '命令已下达，但未观察到门状态变化，请先查看现场再重试。',
  },
  GATE_COMMAND_UNSUPPORTED: {
    status: 409,
    en: 'This gate cannot do that: its controller has no such control.',
    zh: '该门的控制器不支持此操作。',
  },
  GATE_COMMAND_REFUSED: {
    status: 502,
    en: 'The gate’s controller refused the command. See its own log, and the state of the gate.',
    zh: '门控制器拒绝执行该命令，请查看控制器日志与门的状态。',
  },
  GATE_NOT_CLEAR: {
    status: 409,
    en: 'Something stands under the barrier, so it is not lowered.',
    zh: '道闸下方有物体，不予落杆。',
  },
  GATE_CLEARANCE_STALE: {
    status: 409,
    en: 'The sensor under the barrier has not told lately that the way is clear, so it is not lowered. See to the sensor.',
    zh: '道闸下方的传感器近期未报告畅通，不予落杆，请检查传感器。',
  },
  GATE_FIRE_ALARM: {
    status: 409,
    en: 'There is a fire alarm: nothing is locked, blocked or closed until it is over.',
    zh: '消防报警期间，不执行锁闭、封锁或关闭操作。',
  },
  GATE_LOCKED: {
    status: 409,
    en: 'The gate is locked. Release it first.',
    zh: '该门已锁闭，请先解除。',
  },
  GATE_BUSY: {
    status: 503,
    en: 'Other commands are waiting for this gate. Try again in a moment.',
    zh: '该门还有命令在排队，请稍后再试。',
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
  // Media
  SNAPSHOT_UNAVAILABLE: {
    status: 502,
    en: 'The camera gives no still picture now. See whether it is online, and whether it has a snapshot address.',
    zh: '摄像机暂时无法提供抓图，请检查其是否在线以及是否支持抓图。',
  },
  MEDIA_UNKNOWN: { status: 404, en: 'There is no such picture.', zh: '没有该图片。' },
  MEDIA_EXPIRED: {
    status: 410,
    en: 'The picture has been deleted at the end of its retention time.',
    zh: '图片已到保存期限并被删除。',
  },
  MEDIA_ERASED: { status: 410, en: 'The picture has been erased.', zh: '图片已被清除。' },
  MEDIA_CORRUPT: {
    status: 502,
    en: 'The stored picture does not decrypt: it was altered or its key is gone.',
    zh: '图片无法解密：已被篡改或密钥丢失。',
  },
  // Recordings
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
  // Requests
  REQUEST_INVALID: { status: 400, en: 'The request does not match its schema.', zh: '请求不符合其结构定义。' },
  NOT_FOUND: { status: 404, en: 'There is nothing here.', zh: '此处没有内容。' },
  NOT_SIGNED_IN: { status: 401, en: 'Sign in first.', zh: '请先登录。' },
  TOTP_REQUIRED: {
    status: 401,
    en: 'This account signs in with a one-time code as well.',
    zh: '该账号登录时还需输入动态验证码。',
  },
  TOTP_WRONG: {
    status: 401,
    en: 'The one-time code is wrong or was used already. Wait for the next one.',
    zh: '动态验证码错误或已使用过，请等待下一个。',
  },
  TOTP_EXISTS: {
    status: 409,
    en: 'This account has a second factor already. Take it away first.',
    zh: '该账号已启用动态验证码，请先停用。',
  },
  TOTP_ENROLMENT_REQUIRED: {
    status: 403,
    en: 'Administrators need one-time codes here. Set them up in the account menu.',
    zh: '此系统要求管理员启用动态验证码，请在账号菜单中设置。',
  },
  CREDENTIALS_WRONG: { status: 401, en: 'The name or the password is wrong.', zh: '用户名或密码错误。' },
  FORBIDDEN: { status: 403, en: 'Your role does not allow this.', zh: '您的角色无权执行此操作。' },
  CSRF_INVALID: {
    status: 403,
    en: 'The request does not come from this page. Reload it and try again.',
    zh: '请求并非来自本页面，请刷新后重试。',
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    en: 'Too many attempts. Wait before the next one.',
    zh: '尝试过于频繁，请稍后再试。',
  },
  CURSOR_INVALID: { status: 400, en: 'The cursor is not one that this list gave out.', zh: '游标无效，请从头翻页。' },
  VERSION_CONFLICT: {
    status: 409,
    en: 'Somebody changed this meanwhile. Reload and decide again.',
    zh: '内容已被他人修改，请刷新后重新处理。',
  },
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
  ALARM_ALREADY_ACKNOWLEDGED: { status: 409, en: 'The alarm has been acknowledged already.', zh: '告警已被确认。' },
  ALARM_SAFETY_CRITICAL: {
    status: 409,
    en: 'This alarm is critical to safety: it is never shelved, taken out of service or suppressed. Answer it.',
    zh: '该告警涉及安全，不允许搁置、停用或屏蔽，请直接处置。',
  },
  ALARM_ALREADY_SHELVED: {
    status: 409,
    en: 'The alarm has been shelved already.',
    zh: '该告警已被搁置。',
  },
  RULE_INVALID: {
    status: 400,
    en: 'The rule cannot be used. Each problem names its line.',
    zh: '规则无法使用，请按所列行号逐项修改。',
  },
  RULE_EXISTS: { status: 409, en: 'There is a rule with this id already.', zh: '该标识的规则已存在。' },
  RULE_IN_FILE: {
    status: 409,
    en: 'This rule stands in the rules file. Change it there and restart the hub.',
    zh: '该规则在规则文件中，请修改文件并重启中枢。',
  },
  DRY_RUN_NOT_POSSIBLE: {
    status: 409,
    en: 'Whether agents are online is not kept as history, so this rule cannot be tried on it.',
    zh: '节点在线情况不作为历史保存，该规则无法试运行。',
  },
  DRY_RUN_TOO_LARGE: {
    status: 409,
    en: 'That is more history than one dry run takes. Choose a shorter time, at most 31 days.',
    zh: '试运行的历史数据过多，请缩短时间范围（最长 31 天）。',
  },
  DRY_RUN_BUSY: {
    status: 429,
    en: 'Others are trying rules on the history at this moment. Try again in half a minute.',
    zh: '其他人正在试运行规则，请半分钟后再试。',
  },
  SHELF_TOO_LONG: {
    status: 409,
    en: 'Nothing may be shelved for so long. Choose a shorter time, or take the device out of service.',
    zh: '搁置时间超过上限，请缩短时间，或将设备停用。',
  },
  ALREADY_OUT_OF_SERVICE: { status: 409, en: 'It is out of service already.', zh: '已处于停用状态。' },
  ALREADY_ENDED: { status: 409, en: 'Somebody, or the clock, has ended this already.', zh: '已由他人结束或已到期。' },
  JOIN_NOT_ALLOWED: {
    status: 409,
    en: 'These two incidents cannot be joined: they have to be two, of one estate.',
    zh: '这两起事件不能合并：须为同一小区的两起不同事件。',
  },
  INCIDENT_JOINED: {
    status: 409,
    en: 'Somebody has joined this incident into another meanwhile. Reload and decide again.',
    zh: '该事件已被并入另一起事件，请刷新后重新处理。',
  },
  INCIDENT_CASE_ENDED: {
    status: 409,
    en: 'The case of this incident has ended, and nobody would be sent for what is added. Reopen the case first.',
    zh: '该事件的案件已办结，新并入的告警将无人处置，请先重新打开案件。',
  },
  INCIDENTS_HAVE_CASES: {
    status: 409,
    en: 'Both incidents have a case. A dispatcher can join them, which merges the two cases.',
    zh: '两起事件都已有案件，请由调度员合并事件，两个案件将一并合并。',
  },
  SPLIT_NOT_ALLOWED: {
    status: 409,
    en: 'Name alarms of this incident, and leave at least one of them. Reload: it may have changed.',
    zh: '请选择本事件中的告警，并至少保留一条；事件可能已变化，请刷新。',
  },
  ACCOUNT_LAST_ADMIN: {
    status: 409,
    en: 'This is the last administrator. Make somebody else one first.',
    zh: '这是最后一个管理员账号，请先指定另一位管理员。',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    en: 'This Idempotency-Key belongs to another request. Use a new one for each request.',
    zh: '该幂等键已用于另一请求，请为每个请求使用新的键。',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    en: 'The first request with this Idempotency-Key is still under way. Ask again in a moment.',
    zh: '使用该幂等键的首个请求仍在处理，请稍后再试。',
  },
  IDEMPOTENCY_ANSWER_LOST: {
    status: 409,
    en: 'The first request with this Idempotency-Key was carried out, but its answer was lost. Do not send it again; read what it changed.',
    zh: '使用该幂等键的首个请求已执行，但应答已丢失。请勿重发，请查询其结果。',
  },
  WEBHOOK_ADDRESS_REFUSED: {
    status: 422,
    en: 'The address leads into a private network, or is not https. HUB_WEBHOOK_ALLOWED_NETWORKS names the networks that are allowed.',
    zh: '该地址指向内部网络，或不是 https。允许的网络由 HUB_WEBHOOK_ALLOWED_NETWORKS 指定。',
  },
  WEBHOOK_LIMIT_REACHED: {
    status: 409,
    en: 'There are as many webhooks as the hub serves. Delete one first.',
    zh: 'Webhook 数量已达上限，请先删除一个。',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    en: 'The database does not answer. The hub keeps trying.',
    zh: '数据库无应答，系统正在重试。',
  },
  INTERNAL: {
    status: 500,
    en: 'Something failed inside. The log has the details under this request id.',
    zh: '内部错误，详情见日志中的请求编号。',
  },
} as const satisfies Record<string, { status: number; en: string; zh: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that may cross the contract: its code is stable, its message is for people, its cause is for the log. */
export class DipperError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** What a program may need besides the code; never a secret. */
  readonly detail: unknown;

  constructor(code: ErrorCode, options: { message?: string; detail?: unknown; cause?: unknown } = {}) {
    super(options.message ?? ERROR_CODES[code].en, { cause: options.cause });
    this.name = 'DipperError';
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.detail = options.detail;
  }
}

/** Whether something thrown is one of ours. */
export function isDipperError(error: unknown): error is DipperError {
  return error instanceof DipperError;
}
