/**
 * Ways to write an address that must not be called. `{p}` is the canary's port, which the guard of these tests lets pass,
 * so that the address alone decides.
 */

const hosts: readonly string[] = [
  // loopback, as inet_aton, URL parsers and people write it
  ['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0X7F000001', '0x7f.0.0.1', '0x7f.1'],
  ['0x7f.0x0.0x0.0x1', '017700000001', '0177.0.0.1', '0177.0.0.01', '0177.0x0.0.1', '127.000.000.001'],
  ['127.0.0.1.', '127.0.0.2', '127.127.127.127', '127.255.255.254', '%31%32%37.0.0.1', '127.0.0.%31'],
  ['１２７.０.０.１', '①②⑦.⓪.⓪.①', '¹²⁷.⁰.⁰.¹', '127。0。0。1', '127．0．0．1', '127｡0｡0｡1', '127.0.0.\u00ad1'],
  ['0', '00', '0x0', '0.0.0.0', '0.0.0.0.', '0.1.2.3', '0.0'],
  // private networks
  ['10.0.0.1', '10.255.255.255', '012.0.0.1', '0xa.0.0.1', '10.1', '167772161', '172.16.0.1', '172.31.255.255'],
  ['2886729729', '192.168.0.1', '192.168.257', '192.168.255.255', '0xc0a80001', '3232235521', '0300.0250.0.1'],
  // link-local, and what clouds keep there and elsewhere
  ['169.254.169.254', '169.254.169.254.', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518'],
  ['169.254.170.2', '169.254.0.1', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
  // the rest of IANA's registry
  ['100.64.0.1', '100.127.255.255', '192.0.0.8', '192.0.2.1', '192.31.196.1', '192.52.193.1', '192.88.99.1'],
  ['192.175.48.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.250'],
  ['240.0.0.1', '255.255.255.254', '255.255.255.255'],
  // IPv6
  ['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[0000:0000:0000:0000:0000:0000:0000:0001]', '[::0001]', '[::2]'],
  ['[fc00::1]', '[fd00::1]', '[fd00:ec2::254]', '[fdff:ffff::1]', '[fe80::1]', '[febf::1]', '[fec0::1]'],
  ['[ff02::1]', '[ff00::]', '[100::1]', '[100:0:0:1::1]', '[5f00::1]', '[4000::1]', '[e000::1]'],
  ['[2001:db8::1]', '[3fff::1]', '[2001:2::1]', '[2001:10::1]', '[2001:20::1]', '[2001:30::1]', '[2620:4f:8000::1]'],
  ['[fe80::1%25eth0]', '[::1%25lo]', '[fe80::1%eth0]'],
  // IPv4 within IPv6: mapped, translated, compatible, NAT64, 6to4, Teredo
  ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::ffff:10.0.0.1]', '[::ffff:a9fe:a9fe]'],
  ['[::ffff:169.254.169.254]', '[::ffff:0.0.0.0]', '[::ffff:c0a8:1]', '[::ffff:0:127.0.0.1]', '[::ffff:0:7f00:1]'],
  ['[::127.0.0.1]', '[::7f00:1]', '[::10.0.0.1]', '[::8.8.8.8]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ['[64:ff9b::10.0.0.1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b:1::7f00:1]', '[64:ff9b:1::8.8.8.8]'],
  ['[2002:7f00:1::]', '[2002:7f00:0001::1]', '[2002:a00:1::]', '[2002:a9fe:a9fe::]', '[2002:808:808::1]'],
  ['[2001:0:7f00:1::]', '[2001::1]', '[2001:0:4136:e378:8000:63bf:80ff:fffe]'],
  // names that stay in a network
  ['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'localhost.localdomain', 'ip6-localhost', 'loca%6chost'],
  ['ｌｏｃａｌｈｏｓｔ', 'ⓛocalhost', 'metadata', 'metadata.google.internal', 'metadata.google.internal.'],
  ['instance-data', 'instance-data.ec2.internal', 'host.docker.internal', 'kubernetes.default.svc.cluster.local'],
  ['printer.local', 'router.home.arpa', 'wiki.intranet', 'redis', 'db', 'a.onion', 'a..example.com', '.example.com'],
  ['-a.example.com', `${'a'.repeat(64)}.example.com`, `${'a.'.repeat(130)}example.com`],
].flat();

const texts: readonly string[] = [
  // two readers, two hosts
  ['http://user@example.com/', 'http://user:word@example.com/', 'http://example.com@127.0.0.1:{p}/'],
  ['http://127.0.0.1:{p}@example.com/', 'http://example.com:80@127.0.0.1:{p}/', 'http://@127.0.0.1:{p}/'],
  ['http://example.com\\@127.0.0.1:{p}/', 'http://127.0.0.1:{p}\\@example.com/', 'http:\\\\127.0.0.1:{p}\\'],
  ['http:/127.0.0.1:{p}/', 'http:127.0.0.1:{p}/', 'http:///127.0.0.1:{p}/', '//127.0.0.1:{p}/', '127.0.0.1:{p}'],
  ['http://127.0.0.1:{p}#@example.com/', 'http://127.0.0.1:{p}?@example.com/', 'http://127.0.0.1:{p}/@example.com'],
  ['http://example.com#@127.0.0.1:{p}\\', 'http://127.0.0.1:{p}/ ', ' http://127.0.0.1:{p}/'],
  ['http://127.0.0.1:{p}/\t', 'ht\ntp://127.0.0.1:{p}/', 'http://127.0.0\t.1:{p}/', 'http://127.0.0.1:{p}/\r\nHost: a'],
  [
    'http://127.0.0.1\u0000.example.com:{p}/',
    'http://example.com\u2028/',
    'http://example.com /',
    'http://a\u00a0b.com/',
  ],
  [
    'http://[::1',
    'http://::1/',
    'http://[::1]a/',
    'http://%5B::1%5D/',
    'http://[127.0.0.1]:{p}/',
    'http://0x7f.0.0.0x100/',
  ],
  ['http://127.0.0.1:99999/', 'http://256.256.256.256/', 'http://1.1.1.1.1/', '', 'http://', 'http://?', 'https://#'],
  ['HTTP://127.0.0.1:{p}/', 'hTTps://127.0.0.1:{p}/', `https://example.com/${'a'.repeat(2_048)}`],
  // other protocols
  ['file:///etc/passwd', 'file://localhost/etc/passwd', 'gopher://127.0.0.1:{p}/_', 'ftp://127.0.0.1:{p}/'],
  ['data:text/plain,a', 'unix:/var/run/docker.sock', 'http+unix://%2Fvar%2Frun%2Fdocker.sock/', 'ws://127.0.0.1:{p}/'],
  [
    'wss://example.com/',
    'javascript:fetch("/")',
    'dict://127.0.0.1:{p}/',
    'ldap://127.0.0.1:{p}/',
    'tftp://127.0.0.1/',
  ],
  ['jar:http://127.0.0.1:{p}!/', 'blob:http://127.0.0.1:{p}/a', 'about:blank', 'view-source:http://127.0.0.1:{p}/'],
  // ports of other services, on hosts that would do
  [22, 25, 53, 110, 143, 3306, 5432, 6379, 8787, 9200, 11_211, 27_017, 0, 1, 65_535].map(
    (port) => `http://example.com:${port}/`,
  ),
].flat();

/** Refused as they are written; nothing is looked up. */
export const forbiddenUrls: readonly string[] = [...hosts.map((host) => `http://${host}:{p}/`), ...texts];

const publicAddresses = ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'];

/** What a name of the public DNS may lead to; none of them may be called, nor any that stands beside one of them. */
export const forbiddenAnswers: Readonly<Record<string, readonly string[]>> = {
  'loopback.corpus.example.com': ['127.0.0.1'],
  '127.0.0.1.nip.corpus.example.com': ['127.0.0.1'],
  '7f000001.nip.corpus.example.com': ['127.0.0.1'],
  'other-loopback.corpus.example.com': ['127.8.8.8'],
  'unspecified.corpus.example.com': ['0.0.0.0'],
  'ten.corpus.example.com': ['10.0.0.1'],
  'twelve.corpus.example.com': ['172.16.0.1'],
  'sixteen.corpus.example.com': ['192.168.1.1'],
  'metadata.corpus.example.com': ['169.254.169.254'],
  'alibaba.corpus.example.com': ['100.100.100.200'],
  'azure.corpus.example.com': ['168.63.129.16'],
  'documentation.corpus.example.com': ['192.0.2.2'],
  'benchmark.corpus.example.com': ['198.18.0.1'],
  'multicast.corpus.example.com': ['239.255.255.250'],
  'broadcast.corpus.example.com': ['255.255.255.255'],
  'loopback6.corpus.example.com': ['::1'],
  'unspecified6.corpus.example.com': ['::'],
  'mapped.corpus.example.com': ['::ffff:127.0.0.1'],
  'compatible.corpus.example.com': ['::7f00:1'],
  'nat64.corpus.example.com': ['64:ff9b::7f00:1'],
  'local-nat64.corpus.example.com': ['64:ff9b:1::7f00:1'],
  '6to4.corpus.example.com': ['2002:7f00:1::'],
  'teredo.corpus.example.com': ['2001:0:7f00:1::'],
  'link-local6.corpus.example.com': ['fe80::1'],
  'unique-local.corpus.example.com': ['fd00::2'],
  'ec2-metadata6.corpus.example.com': ['fd00:ec2::254'],
  'mixed.corpus.example.com': [...publicAddresses, '127.0.0.1'],
  'mixed-families.corpus.example.com': ['93.184.216.34', '::1'],
  'mixed-first.corpus.example.com': ['10.0.0.1', ...publicAddresses],
  'mixed-last-of-many.corpus.example.com': [
    ...Array.from({ length: 20 }, (_, at) => `93.184.216.${at + 1}`),
    '127.0.0.1',
  ],
};
