interface Text {
  /** What was found. */
  readonly what: string;
  /** The one thing to do; empty where nothing has to be done. */
  readonly mend: string;
}

const text = (
  enWhat: string,
  enMend: string,
  zhWhat: string,
  zhMend: string,
): { readonly en: Text; readonly zh: Text } => ({
  en: { what: enWhat, mend: enMend },
  zh: { what: zhWhat, mend: zhMend },
});

/** What the doctor says, by code; `{name}` is replaced by a value of the finding. */
export const FINDING_TEXTS = {
  NODE_OK: text('Node {version}', '', 'Node {version}', ''),
  NODE_TOO_OLD: text(
    'Node {version} is too old',
    'Start with `npm run …` after `npm ci`, which brings Node 24, or install Node 24.',
    'Node {version} 版本过低',
    '先执行 npm ci（自带 Node 24），再用 npm run … 启动，或自行安装 Node 24。',
  ),
  SETTINGS_OK: text('settings can be read', '', '配置可用', ''),
  SETTING_INVALID: text(
    'setting: {problem}',
    'Correct this variable; services/hub/config.ts explains each.',
    '配置有误：{problem}',
    '请更正该环境变量，说明见 services/hub/config.ts。',
  ),
  FILE_OK: text('{what} {file}', '', '{what} {file}', ''),
  FILE_INVALID: text(
    '{what} cannot be used: {problem}',
    'Correct {file} at the line named.',
    '{what} 不可用：{problem}',
    '请更正 {file} 中指出的位置。',
  ),
  KEY_OK: text('key {file} is readable by its owner alone', '', '密钥 {file} 仅属主可读', ''),
  KEY_ABSENT: text(
    'key {file} is not there yet: the first start makes it',
    'If this hub ran before, restore the key from your backup; edges and sealed secrets depend on it.',
    '密钥 {file} 尚不存在，首次启动时生成',
    '若系统曾运行过，请从备份恢复该密钥，否则边缘节点与已加密内容将失效。',
  ),
  KEY_OPEN: text(
    'key {file} can be read by others (mode {mode})',
    'chmod 600 {file}',
    '密钥 {file} 可被他人读取（权限 {mode}）',
    'chmod 600 {file}',
  ),
  KEY_INVALID: text(
    'key {file} holds something else: {problem}',
    'Restore it from your backup.',
    '密钥 {file} 内容无效：{problem}',
    '请从备份恢复。',
  ),
  PASSWORDS_OK: text(
    'agents can enrol: the broker’s passwords {file} can be replaced',
    '',
    '边缘节点可以接入：消息代理密码文件 {file} 可更新',
    '',
  ),
  PASSWORDS_READ_ONLY: text(
    'the broker’s passwords {file} cannot be replaced: {reason}',
    'Let the hub write to the folder that {file} lies in: it puts a new file in its place.',
    '消息代理密码文件 {file} 无法更新：{reason}',
    '请允许中枢写入 {file} 所在文件夹：更新时以新文件替换。',
  ),
  CONSOLE_OK: text('page is built', '', '页面已构建', ''),
  CONSOLE_MISSING: text(
    'page has not been built: {dir} has no index.html',
    'npm run build:console',
    '页面未构建：{dir} 中没有 index.html',
    'npm run build:console',
  ),
  DATABASE_OK: text('database {host} answers: {version}', '', '数据库 {host} 正常：{version}', ''),
  DATABASE_UNREACHABLE: text(
    'database {host} cannot be reached: {reason}',
    'Start PostgreSQL, open its port, or correct HUB_DATABASE_URL.',
    '无法连接数据库 {host}：{reason}',
    '请启动 PostgreSQL、开放端口，或更正 HUB_DATABASE_URL。',
  ),
  DATABASE_REFUSED: text(
    'database {host} refuses user, password or database name: {reason}',
    'Correct HUB_DATABASE_URL, or create what it names.',
    '数据库 {host} 拒绝用户、密码或库名：{reason}',
    '请更正 HUB_DATABASE_URL，或在数据库中创建相应对象。',
  ),
  DATABASE_TLS_UNTRUSTED: text(
    'certificate of database {host} is not trusted: {reason}',
    'Add sslrootcert=FILE with your authority’s certificate to HUB_DATABASE_URL.',
    '数据库 {host} 的证书不受信任：{reason}',
    '在 HUB_DATABASE_URL 中加入 sslrootcert=机构证书文件。',
  ),
  DATABASE_PLAIN: text(
    'connection to database {host} is not encrypted',
    'Add sslmode=verify-full&sslrootcert=FILE to HUB_DATABASE_URL.',
    '到数据库 {host} 的连接未加密',
    '在 HUB_DATABASE_URL 中加入 sslmode=verify-full&sslrootcert=证书文件。',
  ),
  TIMESCALE_OK: text('TimescaleDB {version}', '', 'TimescaleDB {version}', ''),
  TIMESCALE_MISSING: text(
    'database server has no TimescaleDB',
    'Install TimescaleDB on the server and add it to shared_preload_libraries, then restart the server.',
    '数据库服务器未安装 TimescaleDB',
    '请在服务器上安装 TimescaleDB，加入 shared_preload_libraries 后重启。',
  ),
  MIGRATIONS_OK: text('{count} migrations applied', '', '已应用 {count} 个迁移', ''),
  MIGRATIONS_PENDING: text(
    '{count} migrations are to come: {names}',
    'Start the hub: it applies them.',
    '尚有 {count} 个迁移未应用：{names}',
    '启动 hub 即会自动应用。',
  ),
  MIGRATION_CHANGED: text(
    'migration {name} was changed after it had been applied',
    'Restore services/hub/migrations/{name} as it was.',
    '迁移 {name} 在应用后被修改',
    '请恢复 services/hub/migrations/{name} 原文件。',
  ),
  MIGRATION_NEWER: text(
    'database knows migration {name}, this version does not: it was used by a newer hub',
    'Run the newer version of the hub, or restore a backup of before.',
    '数据库含有本版本未知的迁移 {name}，曾由更新的版本使用',
    '请运行较新版本，或恢复之前的备份。',
  ),
  CLOCKS_OK: text('clocks of hub and database agree ({ms} ms apart)', '', 'hub 与数据库时钟一致（相差 {ms} 毫秒）', ''),
  CLOCKS_APART: text(
    'clocks of hub and database are {ms} ms apart',
    'Let both machines set their clocks by NTP (chrony).',
    'hub 与数据库时钟相差 {ms} 毫秒',
    '请让两台机器通过 NTP（chrony）校时。',
  ),
  DISK_OK: text('{freeGb} GB free at {dir}', '', '{dir} 剩余 {freeGb} GB', ''),
  DISK_LOW: text(
    'only {freeGb} GB ({percent} %) free at {dir}',
    'Free space or enlarge the disk; config/retention.yaml says how long data is kept.',
    '{dir} 仅剩 {freeGb} GB（{percent}%）',
    '请清理或扩容磁盘；保存期限见 config/retention.yaml。',
  ),
  BROKER_OK: text(
    'broker {host} answers and lets the hub publish and subscribe',
    '',
    '消息代理 {host} 正常，收发权限正确',
    '',
  ),
  BROKER_UNREACHABLE: text(
    'broker {host} cannot be reached: {reason}',
    'Start the broker, open its port, or correct HUB_MQTT_URL.',
    '无法连接消息代理 {host}：{reason}',
    '请启动消息代理、开放端口，或更正 HUB_MQTT_URL。',
  ),
  BROKER_TLS_UNTRUSTED: text(
    'certificate of broker {host} is not trusted: {reason}',
    'Set HUB_MQTT_CA_FILE to your authority’s certificate, and use a name that the broker’s certificate has.',
    '消息代理 {host} 的证书不受信任：{reason}',
    '请将 HUB_MQTT_CA_FILE 设为机构证书，并使用证书中的主机名。',
  ),
  BROKER_VERSION: text(
    'broker {host} does not speak MQTT version {version}',
    'Set HUB_MQTT_PROTOCOL to {other}.',
    '消息代理 {host} 不支持 MQTT 版本 {version}',
    '请将 HUB_MQTT_PROTOCOL 设为 {other}。',
  ),
  BROKER_CREDENTIALS: text(
    'broker {host} refuses HUB_MQTT_USERNAME or its password',
    'Correct them, or run mosquitto_passwd for this user on the broker.',
    '消息代理 {host} 拒绝 HUB_MQTT_USERNAME 或其密码',
    '请更正，或在代理上用 mosquitto_passwd 设置该用户。',
  ),
  BROKER_ACL: text(
    'broker {host} does not let the hub {act} {topic}',
    'Give the hub’s user `topic readwrite dipper/v1/#` in the broker’s ACL (config/mosquitto/acl).',
    '消息代理 {host} 不允许 hub {act} {topic}',
    '请在代理的 ACL（config/mosquitto/acl）中授予 hub 用户 `topic readwrite dipper/v1/#`。',
  ),
  BROKER_ANYBODY: text(
    'broker {host} lets in clients without a password',
    'Set allow_anonymous false (config/mosquitto/mosquitto.conf).',
    '消息代理 {host} 允许匿名连接',
    '请设置 allow_anonymous false（config/mosquitto/mosquitto.conf）。',
  ),
  BROKER_PLAIN: text(
    'connection to broker {host} is not encrypted',
    'Use mqtts:// in HUB_MQTT_URL, or keep broker and hub on one machine.',
    '到消息代理 {host} 的连接未加密',
    '请在 HUB_MQTT_URL 使用 mqtts://，或将代理与 hub 部署在同一台机器。',
  ),
  PUBLIC_URL_OK: text('people reach the hub at {url}', '', '访问地址为 {url}', ''),
  PUBLIC_URL_MISSING: text(
    'hub listens on {host}, but HUB_PUBLIC_URL does not say where people reach it',
    'Set HUB_PUBLIC_URL to the https address of the reverse proxy.',
    'hub 监听 {host}，但未设置 HUB_PUBLIC_URL',
    '请将 HUB_PUBLIC_URL 设为反向代理的 https 地址。',
  ),
  PUBLIC_URL_PLAIN: text(
    'people reach the hub at {url}, without TLS: passwords and pictures can be read on the way',
    'Put a reverse proxy with TLS in front and give its https address.',
    '访问地址 {url} 未启用 TLS，密码与图片可能被窃取',
    '请在前面部署启用 TLS 的反向代理，并改用其 https 地址。',
  ),
  PROXIES_UNKNOWN: text(
    'the reverse proxy is not on this machine and HUB_TRUSTED_PROXIES does not name it: all clients count as one',
    'Set HUB_TRUSTED_PROXIES to the address from which the proxy comes.',
    '反向代理不在本机且未列入 HUB_TRUSTED_PROXIES，所有访客将被视为同一地址',
    '请将 HUB_TRUSTED_PROXIES 设为代理的来源地址。',
  ),
  TIME_SYNC_OK: text('clock of this machine is set by NTP', '', '本机时钟已通过 NTP 校准', ''),
  TIME_SYNC_OFF: text(
    'clock of this machine is not set by NTP',
    'Install chrony, or run `timedatectl set-ntp true`.',
    '本机时钟未通过 NTP 校准',
    '请安装 chrony，或执行 timedatectl set-ntp true。',
  ),
  TIME_SYNC_UNKNOWN: text(
    'whether this machine’s clock is set by NTP cannot be told from here',
    'See on the host: `timedatectl`.',
    '此处无法判断本机时钟是否经 NTP 校准',
    '请在宿主机上执行 timedatectl 查看。',
  ),
  CERTIFICATE_OK: text('certificate of {what} is good for {days} days', '', '{what} 的证书还有 {days} 天到期', ''),
  CERTIFICATE_ENDING: text(
    'certificate of {what} ends in {days} days',
    'Renew it now.',
    '{what} 的证书将在 {days} 天后到期',
    '请立即更新证书。',
  ),
  CERTIFICATE_ENDED: text(
    'certificate of {what} ended {days} days ago',
    'Renew it.',
    '{what} 的证书已过期 {days} 天',
    '请更新证书。',
  ),
  CERTIFICATE_UNSEEN: text(
    'certificate of {what} could not be looked at: {reason}',
    'Look from where people are: `openssl s_client -connect HOST:443`.',
    '无法查看 {what} 的证书：{reason}',
    '请从用户侧查看：openssl s_client -connect 主机:443。',
  ),
} as const;

export type FindingCode = keyof typeof FINDING_TEXTS;
