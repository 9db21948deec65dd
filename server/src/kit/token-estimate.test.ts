import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { estimateTokens } from './token-estimate.ts';

/** Written for this test: what a shop tells its customers, in the languages its customers write. */
const samples: Record<string, string> = {
  English: `We ship to every city in Georgia within two working days, and to the rest of the world within ten. Orders above
    150 GEL travel free of charge; below that, delivery costs 12 GEL. You may return any blanket within thirty days as long
    as it has not been washed. Refunds are paid back to the card you used, usually on the following Tuesday.`,
  German: `Wir liefern innerhalb von zwei Werktagen in jede Stadt Georgiens und in zehn Tagen in die übrige Welt. Ab einem
    Bestellwert von 150 Lari ist der Versand kostenlos, darunter kostet er 12 Lari. Ungewaschene Decken können Sie innerhalb
    von dreißig Tagen zurückgeben; die Rückerstattung erfolgt auf die verwendete Kreditkarte.`,
  Spanish: `Enviamos a todas las ciudades de Georgia en dos días laborables, y al resto del mundo en diez. Los pedidos de más
    de 150 laris no pagan envío; por debajo cuesta 12 laris. Puede devolver cualquier manta en treinta días si no se ha
    lavado. El reembolso llega a la tarjeta que utilizó, normalmente el martes siguiente.`,
  French: `Nous livrons dans toutes les villes de Géorgie en deux jours ouvrés, et dans le reste du monde en dix. Les
    commandes de plus de 150 laris sont livrées gratuitement. Vous pouvez retourner une couverture pendant trente jours à
    condition qu'elle n'ait pas été lavée. Le remboursement est versé sur la carte utilisée.`,
  Russian: `Мы доставляем заказы во все города Грузии в течение двух рабочих дней, а в остальные страны за десять. Заказы
    дороже 150 лари доставляются бесплатно. Вернуть одеяло можно в течение тридцати дней, если его не стирали.`,
  Greek: `Παραδίδουμε σε όλες τις πόλεις της Γεωργίας μέσα σε δύο εργάσιμες ημέρες. Μπορείτε να επιστρέψετε μια κουβέρτα
    μέσα σε τριάντα ημέρες, αρκεί να μην έχει πλυθεί.`,
  Arabic: `نقوم بتوصيل الطلبات إلى جميع مدن جورجيا خلال يومي عمل. يمكنكم إرجاع البطانية خلال ثلاثين يوما بشرط ألا تكون قد غسلت.`,
  Hebrew: `אנחנו שולחים לכל עיר בגאורגיה תוך שני ימי עבודה. אפשר להחזיר שמיכה תוך שלושים יום, בתנאי שלא כובסה.`,
  Georgian: `ჩვენ ვაწვდით შეკვეთებს საქართველოს ყველა ქალაქში ორი სამუშაო დღის განმავლობაში. საბნის დაბრუნება შესაძლებელია ოცდაათი დღის განმავლობაში.`,
  Hindi: `हम जॉर्जिया के हर शहर में दो कार्य दिवसों के भीतर डिलीवरी करते हैं। कंबल तीस दिनों के भीतर लौटाया जा सकता है।`,
  Thai: `เราจัดส่งไปยังทุกเมืองในจอร์เจียภายในสองวันทำการ คุณสามารถคืนผ้าห่มได้ภายในสามสิบวัน`,
  Chinese: `我们在两个工作日内将订单送到格鲁吉亚的每一个城市,寄往其他国家需要十天。超过一百五十拉里的订单免运费。毯子在三十天内可以退货,但不能洗过。`,
  Japanese: `ジョージアのすべての都市へ二営業日以内にお届けします。洗っていない毛布は三十日以内であれば返品できます。`,
  Korean: `조지아의 모든 도시로 영업일 기준 이틀 안에 배송합니다. 세탁하지 않은 담요는 삼십 일 안에 반품할 수 있습니다.`,
};

const code = `export const priceOf = (order: Order): number => {
  const goods = order.lines.reduce((sum, line) => sum + line.price * line.count, 0);
  return goods >= 150 ? goods : goods + 12; // delivery
};
{"id": "order_0192", "lines": [{"sku": "A-1234", "price": 89.5, "count": 2}], "paid": true}`;

describe('the estimate', () => {
  test.each(Object.entries(samples))('is close to what the tokenizer gives for %s', (_language, text) => {
    const paragraph = text.replace(/\s+/g, ' ');
    const share = estimateTokens(paragraph) / countTokens(paragraph);
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThan(1.4);
  });

  test('is within a twentieth below and a quarter above for code and JSON', () => {
    const share = estimateTokens(code) / countTokens(code);
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThan(1.25);
  });

  test('is not far below for emoji, digits and data without spaces', () => {
    const data = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * at * 31 + at * 7) % 256)).toString('base64');
    for (const text of ['😀🎉👍🏽🇬🇪👨‍👩‍👧‍👦🚚📦', '4111 1111 1111 1111, 2026-11-22T13:01:41Z', data]) {
      expect(estimateTokens(text) / countTokens(text)).toBeGreaterThan(0.8);
    }
  });

  test('knows that German words are split more often than English ones of the same length', () => {
    const word = ' Rückerstattungsbedingungen';
    expect(estimateTokens(word)).toBeGreaterThan(estimateTokens(' internationalizations'));
  });

  test('is nothing for an empty text and at least one for any other', () => {
    expect(estimateTokens('')).toBe(0);
    for (const text of ['a', '.', '\n', '中', '1', '😀']) expect(estimateTokens(text)).toBeGreaterThanOrEqual(1);
  });

  test('grows by the same for every copy of a text, however long the run', () => {
    const once = estimateTokens('我'.repeat(1_000));
    const often = estimateTokens('我'.repeat(100_000));
    expect(often / once).toBeCloseTo(100, 0);
  });
});
