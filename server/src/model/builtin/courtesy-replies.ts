/** What is said back to courtesies. */
export type CourtesyReplies = {
  greeting: string;
  thanks: string;
  goodbye: string;
  /** To a bare yes or no, or what says no more. */
  answer: string;
};

/** By languages: those of `courtesyPhrases`. */
export const courtesyReplies: ReadonlyMap<string, CourtesyReplies> = new Map([
  [
    'en',
    {
      greeting: 'Hello! How can I help you?',
      thanks: 'You are welcome!',
      goodbye: 'Goodbye!',
      answer: 'All right! What else can I do for you?',
    },
  ],
  [
    'de',
    {
      greeting: 'Hallo! Wie kann ich Ihnen helfen?',
      thanks: 'Gern geschehen!',
      goodbye: 'Auf Wiedersehen!',
      answer: 'Alles klar! Was kann ich sonst noch für Sie tun?',
    },
  ],
  [
    'es',
    {
      greeting: '¡Hola! ¿En qué puedo ayudarle?',
      thanks: '¡De nada!',
      goodbye: '¡Hasta luego!',
      answer: '¡De acuerdo! ¿En qué más puedo ayudarle?',
    },
  ],
  [
    'fr',
    {
      greeting: 'Bonjour ! Comment puis-je vous aider ?',
      thanks: 'Je vous en prie !',
      goodbye: 'Au revoir !',
      answer: 'Très bien ! Que puis-je faire d’autre pour vous ?',
    },
  ],
  [
    'it',
    {
      greeting: 'Ciao! Come posso aiutarla?',
      thanks: 'Prego!',
      goodbye: 'Arrivederci!',
      answer: 'Va bene! Come altro posso aiutarla?',
    },
  ],
  [
    'pt',
    {
      greeting: 'Olá! Como posso ajudar?',
      thanks: 'De nada!',
      goodbye: 'Até logo!',
      answer: 'Certo! Em que mais posso ajudar?',
    },
  ],
  [
    'tr',
    {
      greeting: 'Merhaba! Size nasıl yardımcı olabilirim?',
      thanks: 'Rica ederim!',
      goodbye: 'Hoşça kalın!',
      answer: 'Tamam! Başka nasıl yardımcı olabilirim?',
    },
  ],
  [
    'ru',
    {
      greeting: 'Здравствуйте! Чем могу помочь?',
      thanks: 'Пожалуйста!',
      goodbye: 'До свидания!',
      answer: 'Хорошо! Чем ещё могу помочь?',
    },
  ],
  [
    'ka',
    {
      greeting: 'გამარჯობა! რით შემიძლია დაგეხმაროთ?',
      thanks: 'არაფრის!',
      goodbye: 'ნახვამდის!',
      answer: 'კარგი! კიდევ რით შემიძლია დაგეხმაროთ?',
    },
  ],
  [
    'zh',
    {
      greeting: '您好!请问有什么可以帮您?',
      thanks: '不客气!',
      goodbye: '再见!',
      answer: '好的!还有什么可以帮您?',
    },
  ],
  [
    'ja',
    {
      greeting: 'こんにちは。どのようなご用件でしょうか。',
      thanks: 'どういたしまして。',
      goodbye: 'さようなら。',
      answer: 'かしこまりました。ほかにご用件はございますか。',
    },
  ],
  [
    'ar',
    {
      greeting: 'مرحبًا! كيف يمكنني مساعدتك؟',
      thanks: 'على الرحب والسعة!',
      goodbye: 'مع السلامة!',
      answer: 'حسنًا! كيف يمكنني مساعدتك أيضًا؟',
    },
  ],
  [
    'nl',
    {
      greeting: 'Hallo! Hoe kan ik u helpen?',
      thanks: 'Graag gedaan!',
      goodbye: 'Tot ziens!',
      answer: 'Prima! Waarmee kan ik u nog meer helpen?',
    },
  ],
  [
    'pl',
    {
      greeting: 'Dzień dobry! W czym mogę pomóc?',
      thanks: 'Proszę bardzo!',
      goodbye: 'Do widzenia!',
      answer: 'Dobrze! W czym jeszcze mogę pomóc?',
    },
  ],
  [
    'uk',
    {
      greeting: 'Вітаю! Чим можу допомогти?',
      thanks: 'Будь ласка!',
      goodbye: 'До побачення!',
      answer: 'Гаразд! Чим ще можу допомогти?',
    },
  ],
  [
    'cs',
    {
      greeting: 'Dobrý den! S čím mohu pomoci?',
      thanks: 'Není zač!',
      goodbye: 'Na shledanou!',
      answer: 'Dobře! S čím ještě mohu pomoci?',
    },
  ],
  [
    'ro',
    {
      greeting: 'Bună ziua! Cu ce vă pot ajuta?',
      thanks: 'Cu plăcere!',
      goodbye: 'La revedere!',
      answer: 'Bine! Cu ce vă mai pot ajuta?',
    },
  ],
  [
    'sv',
    {
      greeting: 'Hej! Hur kan jag hjälpa dig?',
      thanks: 'Varsågod!',
      goodbye: 'Hej då!',
      answer: 'Okej! Vad mer kan jag hjälpa dig med?',
    },
  ],
  [
    'el',
    {
      greeting: 'Γεια σας! Πώς μπορώ να σας βοηθήσω;',
      thanks: 'Παρακαλώ!',
      goodbye: 'Αντίο σας!',
      answer: 'Εντάξει! Πώς αλλιώς μπορώ να σας βοηθήσω;',
    },
  ],
  [
    'ko',
    {
      greeting: '안녕하세요! 무엇을 도와드릴까요?',
      thanks: '천만에요!',
      goodbye: '안녕히 가세요!',
      answer: '알겠습니다! 더 도와드릴 것이 있을까요?',
    },
  ],
  [
    'hi',
    {
      greeting: 'नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?',
      thanks: 'आपका स्वागत है!',
      goodbye: 'अलविदा!',
      answer: 'ठीक है! मैं आपकी और क्या मदद कर सकता हूँ?',
    },
  ],
  [
    'th',
    {
      greeting: 'สวัสดี! มีอะไรให้ช่วยไหม',
      thanks: 'ด้วยความยินดี',
      goodbye: 'ลาก่อน',
      answer: 'ได้เลย! มีอะไรให้ช่วยอีกไหม',
    },
  ],
  [
    'vi',
    {
      greeting: 'Xin chào! Tôi có thể giúp gì cho bạn?',
      thanks: 'Không có gì!',
      goodbye: 'Tạm biệt!',
      answer: 'Vâng! Tôi có thể giúp gì thêm cho bạn?',
    },
  ],
  [
    'he',
    {
      greeting: 'שלום! איך אפשר לעזור?',
      thanks: 'בבקשה!',
      goodbye: 'להתראות!',
      answer: 'בסדר! איך עוד אפשר לעזור?',
    },
  ],
]);
