/**
 * How people say their name, in the languages that `builtin` is met in. What follows a cue must look like a name and end
 * like one; see `extract-facts.ts`. Cues are matched whatever their case.
 */
export const nameCues: readonly string[] = [
  // English
  'my name is',
  'my name’s',
  "my name's",
  'my full name is',
  'my first name is',
  // German
  'mein name ist',
  'ich heiße',
  'ich heisse',
  // Spanish
  'me llamo',
  'mi nombre es',
  // French
  "je m'appelle",
  'je m’appelle',
  'mon nom est',
  // Italian
  'mi chiamo',
  'il mio nome è',
  // Portuguese
  'me chamo',
  'meu nome é',
  'o meu nome é',
  // Dutch, Polish, Turkish
  'mijn naam is',
  'ik heet',
  'nazywam się',
  'mam na imię',
  'benim adım',
  // Russian, Ukrainian
  'меня зовут',
  'мое имя',
  'моё имя',
  'мене звати',
];

/** Chinese and Japanese, where a name follows without a space. */
export const hanNameCues: readonly string[] = ['我叫', '我的名字叫', '我的名字是', '我名叫', '私の名前は'];

/** Behind 我叫 these begin something else: to call somebody, to order something. */
export const hanNoNames = /^[了你您他她它们这那不车过什啥做个外人]/u;

/** Words that stand behind a name and are none of it. */
export const afterName: readonly string[] =
  `and but from i i’m i'm und aber ich y pero soy et mais je e ma sono mas sou en maar ik i ale ve и а я но і です`.split(
    /\s+/,
  );

/** Capitalised words that stand where a name might, and are none. */
export const noNames: ReadonlySet<string> = new Set(
  `not on in the a an no none nobody private important misspelled wrong missing confidential your my what who
  unknown secret here there listed sie euch dich ihn alle alles das es programm nicht falsch so wie was no como
  cómo igual así pas comment ainsi non come não niet nie не как`.split(/\s+/),
);

/** What stands before a cue where it is not the writer who is named, or nobody is yet. */
export const notMine =
  /(?:^|[^\p{L}])(?:if|whether|said|says|say|called|thinks?|wenn|ob|sagt|sagte|si|dice|dijo|dit|disait|se|disse|als|jeśli|если|сказал\p{L}*|говорит|如果|他说|她说)(?:[^\p{L}]|$)|["“«„][^"”»“]*$/iu;

/** What makes an address or a number the writer's own: it stands in the same sentence, before it. */
export const emailCues =
  /\b(?:my|meine?|mi|mon|mia|meu|mijn|mój)\s+(?:(?:new|work|home|private|personal|business|other|neue|private|nueva?|nouvelle|nouveau|nuovo|novo)\s+)?(?:e-?mails?|mail|correo|courriel|adresse|address|adres)|(?:reach|mail|e-?mail|write|contact)\s+(?:to\s+)?me\b|\b(?:erreich|schreib)\p{L}*\s+(?:sie\s+)?(?:mir|mich)|моя?\s+(?:почта|электронн\p{L}*|e-?mail|имейл|адрес)|我的(?:邮箱|电子邮件|电邮|email)|メールアドレス/iu;

export const phoneCues =
  /\b(?:my|meine?|mi|mon|mio|meu|mijn|mój)\s+(?:(?:new|work|home|private|personal|business|other|neue|private|nueva?|nouvelle|nouveau|nuovo|novo)\s+)?(?:phone|cell|mobile|number|telephone|telefon\p{L}*|handy\p{L}*|nummer|rufnummer|tel[eé]fono|m[oó]vil|celular|n[uú]mero|t[eé]l[eé]phone|portable|cellulare|telefone|numer)|(?:call|reach|text|ring|phone)\s+me\b|ruf\p{L}*\s+(?:sie\s+)?mich|ll[aá]m\p{L}*me|appelez-moi|мой\s+(?:телефон|номер|мобильный)|我的(?:电话|手机|号码)|電話番号/iu;

/** What says that it is not so. */
export const denial =
  /\b(?:not|never|no longer|isn'?t|nicht|kein\p{L}*|mehr|no es|ya no|pas|plus|non|não|niet|nie|не)\b|(?:不是|不再)/iu;

/** What stands before a language that the writer speaks, or wants to be spoken to in. */
export const languageCues =
  /(?:\bi (?:only )?speak|\bplease (?:answer|reply|write|speak)(?: to me)? in|\bmy (?:native |first )?language is|\bich spreche(?: nur)?|\bbitte (?:antworten|schreiben|sprechen) sie (?:mir )?(?:auf|in)|\bhablo(?: solo)?|\bje parle(?: seulement)?|\bparlo(?: solo)?|\bfalo(?: só)?|(?:^|[^\p{L}])я говорю(?: только)? по-|我(?:只)?(?:会)?(?:说|讲))\s*/giu;

/** Languages that are looked for, and those whose words for them are known. */
export const spokenLanguages: readonly string[] =
  `en de es fr it pt nl pl ru uk tr ar he fa hi zh ja ko ka hy el sv da nb fi cs hu ro bg vi th id ca`.split(/\s+/);
export const namingLanguages: readonly string[] = ['en', 'de', 'es', 'fr', 'it', 'pt', 'ru', 'zh'];
