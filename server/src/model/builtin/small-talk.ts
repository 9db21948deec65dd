import { foldText } from '../../core/knowledge/fold-text.ts';
import { splitWords } from '../../core/knowledge/split-words.ts';

/** Courtesies of one language: what people write (folded), and what is said back. */
type Courtesies = {
  greetings: readonly string[];
  greetingReply: string;
  thanks: readonly string[];
  thanksReply: string;
};

const courtesies: readonly Courtesies[] = [
  {
    greetings: [
      'hi',
      'hello',
      'hey',
      'hi there',
      'hello there',
      'hey there',
      'good morning',
      'good afternoon',
      'good evening',
      'good day',
      'greetings',
      'hello again',
    ],
    greetingReply: 'Hello! How can I help you?',
    thanks: [
      'thanks',
      'thank you',
      'thank you very much',
      'thanks a lot',
      'many thanks',
      'thank you so much',
      'thx',
      'great thanks',
      'ok thanks',
      'ok thank you',
      'perfect thank you',
      'cheers',
    ],
    thanksReply: 'You are welcome!',
  },
  {
    greetings: ['hallo', 'guten tag', 'guten morgen', 'guten abend', 'servus', 'moin', 'gruss gott', 'gruezi'],
    greetingReply: 'Hallo! Wie kann ich Ihnen helfen?',
    thanks: [
      'danke',
      'danke schon',
      'dankeschon',
      'vielen dank',
      'besten dank',
      'danke sehr',
      'ok danke',
      'super danke',
    ],
    thanksReply: 'Gern geschehen!',
  },
  {
    greetings: ['hola', 'buenos dias', 'buenas tardes', 'buenas noches', 'buenas', 'hola buenas', 'hola buenos dias'],
    greetingReply: '¡Hola! ¿En qué puedo ayudarle?',
    thanks: ['gracias', 'muchas gracias', 'mil gracias', 'ok gracias', 'vale gracias', 'perfecto gracias'],
    thanksReply: '¡De nada!',
  },
  {
    greetings: ['bonjour', 'salut', 'bonsoir', 'coucou'],
    greetingReply: 'Bonjour ! Comment puis-je vous aider ?',
    thanks: ['merci', 'merci beaucoup', 'merci bien', 'ok merci', 'super merci'],
    thanksReply: 'Je vous en prie !',
  },
  {
    greetings: ['ciao', 'buongiorno', 'buonasera', 'salve', 'buon giorno'],
    greetingReply: 'Ciao! Come posso aiutarla?',
    thanks: ['grazie', 'grazie mille', 'molte grazie', 'ok grazie'],
    thanksReply: 'Prego!',
  },
  {
    greetings: ['ola', 'oi', 'bom dia', 'boa tarde', 'boa noite'],
    greetingReply: 'Olá! Como posso ajudar?',
    thanks: ['obrigado', 'obrigada', 'muito obrigado', 'muito obrigada', 'ok obrigado'],
    thanksReply: 'De nada!',
  },
  {
    greetings: ['merhaba', 'selam', 'iyi gunler', 'gunaydin', 'iyi aksamlar'],
    greetingReply: 'Merhaba! Size nasıl yardımcı olabilirim?',
    thanks: ['tesekkurler', 'tesekkur ederim', 'cok tesekkurler', 'sagol'],
    thanksReply: 'Rica ederim!',
  },
  {
    greetings: ['привет', 'здравствуите', 'добрыи день', 'доброе утро', 'добрыи вечер'],
    greetingReply: 'Здравствуйте! Чем могу помочь?',
    thanks: ['спасибо', 'большое спасибо', 'спасибо большое', 'благодарю'],
    thanksReply: 'Пожалуйста!',
  },
  {
    greetings: ['გამარჯობა', 'სალამი', 'დილა მშვიდობისა', 'საღამო მშვიდობისა'],
    greetingReply: 'გამარჯობა! რით შემიძლია დაგეხმაროთ?',
    thanks: ['მადლობა', 'გმადლობთ', 'დიდი მადლობა'],
    thanksReply: 'არაფრის!',
  },
  {
    greetings: ['你好', '您好', '早上好', '下午好', '晚上好', '你们好', '哈喽', '嗨'],
    greetingReply: '您好!请问有什么可以帮您?',
    thanks: ['谢谢', '谢谢你', '谢谢您', '多谢', '非常感谢', '感谢'],
    thanksReply: '不客气!',
  },
  {
    greetings: ['こんにちは', 'おはよう', 'おはようございます', 'こんばんは'],
    greetingReply: 'こんにちは。どのようなご用件でしょうか。',
    thanks: ['ありがとう', 'ありがとうございます', 'どうも'],
    thanksReply: 'どういたしまして。',
  },
  {
    greetings: ['مرحبا', 'اهلا', 'السلام عليكم', 'صباح الخير', 'مساء الخير'],
    greetingReply: 'مرحبًا! كيف يمكنني مساعدتك؟',
    thanks: ['شكرا', 'شكرا جزيلا', 'شكرا لك'],
    thanksReply: 'على الرحب والسعة!',
  },
];

const plain = (text: string): string =>
  splitWords(text)
    .map((word) => foldText(word.text))
    .join(' ');

const replies: ReadonlyMap<string, string> = new Map(
  courtesies.flatMap(({ greetings, greetingReply, thanks, thanksReply }) => [
    ...greetings.map((greeting) => [plain(greeting), greetingReply] as const),
    ...thanks.map((phrase) => [plain(phrase), thanksReply] as const),
  ]),
);

/** A longer message is no mere courtesy. */
const maxCourtesyCharacters = 60;

/** What is said back to a message that is a greeting or thanks and nothing else, in its language; null for others. */
export const smallTalkReply = (message: string, botName: string): string | null => {
  if (message.length > maxCourtesyCharacters + botName.length) return null;
  const said = plain(message);
  const name = plain(botName);
  const withoutName = name !== '' && said.endsWith(` ${name}`) ? said.slice(0, -name.length - 1) : said;
  return replies.get(withoutName) ?? null;
};
