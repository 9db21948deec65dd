/**
 * What people say out of courtesy, by languages. Phrases are divided by `/` and words by spaces; `a|b` is either,
 * `[a]` may be left out, and `_` joins words within them. Behind one that ends with a comma the speaker pauses: "Good!"
 * is a courtesy, and "good for dry skin?" is none. `...` is what is thanked for, up to a pause.
 */
export type CourtesyPhrases = {
  /** BCP 47, without a region. */
  language: string;
  greetings: string;
  goodbyes: string;
  thanks: string;
  /** Yes, no, and what else shows no more than that somebody listens. */
  answers: string;
  /** What a question is wrapped in. */
  openings: string;
  please: string;
};

export const courtesyPhrases: readonly CourtesyPhrases[] = [
  {
    language: 'en',
    greetings: `hi|hello|hey|hiya|howdy [there|again|all|everyone|everybody|team|guys]
      / good morning|afternoon|evening|day [everyone|all|team] / morning|evening|afternoon|greetings|welcome,
      / dear team|sir_or_madam / how are you [doing] [today], / how's it going, / how do you do, / what's up,
      / nice|pleased to meet you, / [i] hope you_are|you're [doing] well,`,
    goodbyes: `bye|goodbye|good-bye|bye-bye [bye|then|now|for_now], / see you|ya [later|soon|then|around], / good night,
      / have a nice|good|great|lovely day|evening|weekend|one [too], / take care, / farewell, / talk to you later|soon, / you too,`,
    thanks: `thanks|thank_you|thankyou|thx [so_much|very_much|a_lot|a_million|again|anyway] [in_advance|for_your_help|for_the_help|for_all_your_help|for_helping|for_helping_me|for_your_time|for_your_answer|for_the_answer|for_your_reply|for_the_reply|for_the_info|for_the_information]
      / thanks|thank_you|thx [so_much|very_much|a_lot|again] for ... / many|big thanks [in_advance], / ty|cheers, / much appreciated, / i [really] appreciate it|that|your_help,
      / that|this|it [really] helped|helps [me] [a_lot], / that|this|it was|is|has_been [very|really|so] helpful|useful, / very|so helpful, / you helped me [a_lot],`,
    answers: `yes|yeah|yep|yup|no|nope|ok|okay|okey|alright / k|sure|right|fine|exactly|correct|understood|maybe|absolutely|definitely|certainly|indeed,
      / all right, / of course, / not yet|really|now, / i see, / i understand, / got it, / no problem, / never mind, / nothing [else],
      / good to know, / that is|that's|thats|this_is|it's all|it|everything|enough|right|fine [for_now|then], / that|that's|thats|it's|this_is [very|really|so] great|perfect|good|nice|cool|awesome|wonderful,
      / [very|really|so] great|perfect|super|good|nice|cool|awesome|excellent|wonderful|amazing|brilliant|fantastic|lovely, / well done, / good|great job, / sounds good|great,`,
    openings: `excuse|pardon me / sorry [to_bother_you], / can|could|would|will you [please|kindly] tell|show|inform|explain_to me [please] [about]
      / can|could|would|will you [please|kindly] help me|us [please|out] [with|to_understand|understand] / can|could you [please|kindly] explain
      / can|could|may|might i [please|just|quickly] ask [you] [something|a_question|a_quick_question] / can|could|may|might i [please] know
      / i'd|id|i_would [really] like|love to know|ask|find_out|understand [about] [if|whether|you] / i want|wanted|need|wish to know|ask|find_out [about] [if|whether|you]
      / i need [some|your] help [with|please] / i wonder|was_wondering|am_wondering / i'm|im|just wondering / please [can_you|could_you] tell|show me [about] / tell me [please]
      / do you [happen_to] know / do|would you mind telling me / would|could|can you [please] let me know / i_have|i've_got|i_have_got|i've|i_had|got a|one|another|some [quick|small|short|little|general] question|questions [about|regarding|for_you]
      / [a|one|another|just_a|just_one] [quick|small|short] question, / my question is`,
    please: `please|pls / if you please / if you don't mind, / if possible,`,
  },
  {
    language: 'de',
    greetings: `hallo|hi|hey|huhu [zusammen|ihr|du|nochmal|alle|team|liebes_team] / guten tag|morgen|abend|mittag [zusammen] / schönen guten tag|morgen|abend / servus|moin|moin_moin|grüezi|hallöchen / morgen|mahlzeit|tag,
      / grüß gott|dich|sie / grüss gott|dich|sie / sehr geehrte damen und herren / liebes team / wie geht's|gehts [dir|ihnen|euch] [heute], / wie geht es dir|ihnen|euch [heute],`,
    goodbyes: `tschüss|tschüs|tschau|ciao|ade|servus|bye|baba [und_danke], / auf wiedersehen|wiederhören|wiederschauen, / bis bald|dann|später|morgen|demnächst|zum_nächsten_mal,
      / mach|machen_sie es|s gut, / mach's gut, / gute nacht, / schönen|einen_schönen|noch_einen_schönen tag|abend [noch], / schönes wochenende, / mit freundlichen grüßen, / viele|liebe|beste grüße, / mfg|lg|vg, / gleichfalls|ebenfalls|ebenso,`,
    thanks: `danke|dankeschön|danke_schön|danke_sehr|vielen_dank|besten_dank|herzlichen_dank|tausend_dank|lieben_dank|ich_danke_ihnen|ich_danke_dir [schön|sehr|vielmals|nochmals|nochmal|dir|ihnen|euch] [im_voraus|vorab|für_die_hilfe|für_ihre_hilfe|für_deine_hilfe|für_eure_hilfe|für_die_info|für_die_information|für_die_auskunft|für_die_antwort|für_ihre_antwort|für_die_schnelle_antwort]
      / danke|dankeschön|danke_schön|vielen_dank|besten_dank|herzlichen_dank [sehr|nochmals|nochmal] für ... / das hat [mir] [sehr|wirklich] [weiter] geholfen|weitergeholfen, / das hilft [mir] [sehr|weiter], / das war|ist [sehr|wirklich] hilfreich, / sehr hilfreich, / du_hast|sie_haben mir [sehr] geholfen,`,
    answers: `ja|jo|jep|nein|nö|nee|ok|okay|o.k / ja|nein bitte, / gut|klar|genau|sicher|richtig|stimmt|verstanden|verstehe|natürlich|gerne|gern|passt|vielleicht|eben|schon, / alles klar|gut, / in ordnung, / na gut|klar,
      / ich verstehe, / noch nicht, / kein problem, / macht nichts, / das ist|war's|wars|war alles, / das war's|wars, / das reicht, / das ist [sehr] gut|super|toll|prima|perfekt|schön,
      / [sehr|echt|wirklich] gut|super|toll|prima|perfekt|klasse|schön|spitze|wunderbar|ausgezeichnet|cool|hervorragend, / gut zu wissen,`,
    openings: `entschuldigung|entschuldige|entschuldigen_sie|verzeihung [bitte] [die_störung] / sorry, / können|könnten|würden sie [bitte] [mir|uns] [bitte|vielleicht|kurz] sagen|erklären|mitteilen|verraten|helfen
      / kannst|könntest|würdest du [bitte] [mir|uns] [bitte|vielleicht|kurz] sagen|erklären|mitteilen|verraten|helfen / könnt|könntet ihr [mir|uns] [bitte] sagen|erklären|helfen
      / ich möchte|will|wollte|würde [gern|gerne|nur|mal|kurz] [mal|nur] wissen|fragen|erfahren / ich wüsste gern|gerne / ich frage mich / mich würde [mal] interessieren / mich interessiert,
      / ich hätte|habe|hab [da|mal] [noch|nur] [mal] eine|ne|'ne|fragen [kurze|kleine|allgemeine] frage [zu|zum|zur|an_sie|dazu] / ich brauche [mal] hilfe [bei|beim|mit|bitte] / [eine|noch_eine|nur_eine|mal_eine] [kurze|kleine] frage,
      / darf|dürfte|kann|könnte ich [sie|dich|euch] [kurz|mal] [etwas|was|eine_frage] fragen|stellen / wissen sie [vielleicht|zufällig] / weißt du [vielleicht|zufällig] / sag|sagen_sie|sagt mir|uns [bitte] / bitte sagen_sie|sag mir / meine frage ist`,
    please: `bitte / bitte schön|sehr,`,
  },
  {
    language: 'es',
    greetings: `hola [a_todos|buenas|de_nuevo|otra_vez|equipo|amigos|qué_tal] / buenos días|dias [a_todos] / buen día / buenas tardes|noches / buenas|saludos|aló, / muy buenas, / estimados señores, / cómo estás|está|están|va [hoy], / qué tal [estás|está|todo], / mucho gusto, / encantado|encantada,`,
    goodbyes: `adiós|chao|chau|bye|agur, / hasta luego|pronto|mañana|la_vista|otra|la_próxima, / nos vemos [luego|pronto], / que tenga|tengas|tengan [un] buen|bonito|lindo día|fin_de_semana, / que tenga|tengas buena tarde|noche, / cuídate|cuídese, / un saludo|abrazo, / igualmente,`,
    thanks: `gracias|muchas_gracias|mil_gracias|muchísimas_gracias|te_agradezco|le_agradezco|se_lo_agradezco|te_lo_agradezco [de_nuevo|de_antemano|por_todo] [por_la_ayuda|por_tu_ayuda|por_su_ayuda|por_ayudarme|por_la_información|por_la_info|por_la_respuesta|por_su_respuesta|por_responder|por_tu_tiempo|por_su_tiempo]
      / gracias|muchas_gracias|mil_gracias por ... / muy amable, / muy útil, / eso me ayuda|ayudó [mucho], / me ha ayudado|servido [mucho], / me ayudó|sirvió [mucho], / ha sido de [gran|mucha] ayuda, / muy agradecido|agradecida,`,
    answers: `no|ok|okay|okey|vale / sí, / sí|no por_favor, / claro|bueno|bien|listo|perfecto|genial|exacto|correcto|entendido|entiendo|seguro|quizás|nada|estupendo|excelente|súper|fantástico|maravilloso|dale, / claro que sí|no, / por supuesto, / de acuerdo, / muy bien|bueno, / está bien, / qué bien|bueno, / todavía|aún no, / no pasa nada, / nada más, / eso es todo, / ya veo, / lo entiendo, / de nada, / bueno saberlo,`,
    openings: `disculpe|disculpa|disculpen|perdón|perdone|perdona|oiga|oye [la_molestia|una_pregunta] / podría|puede|podrías|puedes|podrían|pueden [por_favor] decirme|decirnos|explicarme|indicarme|informarme|ayudarme|ayudarnos [por_favor] [sobre|con]
      / me|nos podría|puede|podrías|puedes|podrían|pueden [por_favor] decir|explicar|indicar|informar|ayudar [por_favor] [sobre|con|a_saber] / quisiera|quiero|querría|necesito|me_gustaría|deseo|quería saber|preguntar|consultar|conocer [por_favor]
      / tengo|tenía una|otra [pequeña] pregunta|duda|consulta [sobre|para_usted] / una [pequeña] pregunta|duda|consulta, / le|te puedo preguntar|hacer [algo|una_pregunta] / puedo preguntar|hacer|preguntarte|preguntarle|hacerle|hacerte [algo|una_pregunta]
      / necesito ayuda [con|por_favor] / sabe|sabes|sabrías|sabría usted|si / dígame|dime [por_favor] / me pregunto / mi pregunta es`,
    please: `por favor / porfavor|porfa|xfa / si es posible, / si no es molestia,`,
  },
  {
    language: 'fr',
    greetings: `bonjour|bonsoir|rebonjour|re-bonjour|salut|hello [à_tous|madame|monsieur|l'équipe|tout_le_monde] / bonne journée à tous, / allô|allo|coucou, / madame monsieur, / comment allez-vous|vas-tu|ça_va [aujourd'hui], / ça va, / comment vous allez, / enchanté|enchantée,`,
    goodbyes: `au revoir / à bientôt|demain|plus|plus_tard|tout_à_l'heure|la_prochaine, / adieu|ciao|bye, / bonne|très_bonne|excellente|belle journée|soirée|nuit|continuation [à_vous|à_toi], / bon week-end, / bonsoir, / cordialement|bien_à_vous, / de même, / vous|toi aussi, / à vous|toi aussi,`,
    thanks: `merci|merci_beaucoup|merci_bien|mille_mercis|un_grand_merci|grand_merci|je_vous_remercie|je_te_remercie [infiniment|encore|à_vous|à_toi|tout_de_même] [d'avance|pour_l'aide|pour_votre_aide|pour_ton_aide|de_votre_aide|pour_tout|pour_l'info|pour_l'information|pour_la_réponse|pour_votre_réponse]
      / merci|merci_beaucoup|merci_bien pour|de ... / merci mille fois, / c'est|c'était [très|vraiment] utile|gentil|aimable, / très utile, / ça|cela m'aide|m'a_aidé [beaucoup], / vous m'avez [beaucoup] aidé,`,
    answers: `oui|ouais|non|ok|okay / si, / oui|non volontiers, / d'accord|bien|bon|parfait|super|génial|exact|exactement|entendu|compris|volontiers|certainement|peut-être|nickel|top|excellent|formidable|cool|chouette, / très|fort bien, / c'est bon|bien|parfait|super|génial|tout|clair|noté, / ça marche, / bien sûr, / pas encore, / pas de problème|souci, / je vois|comprends, / rien d'autre, / ce sera tout,`,
    openings: `excusez-moi|excuse-moi|pardon|désolé|désolée [de_vous_déranger] / pouvez-vous|pourriez-vous|peux-tu|pourrais-tu|voulez-vous|pourrait-on [s'il_vous_plaît|svp] me|nous|m'aider dire|indiquer|expliquer|renseigner|informer [s'il_vous_plaît|svp] / pouvez-vous|pourriez-vous|peux-tu|pourrais-tu m'aider|m'expliquer|m'indiquer|m'informer|nous_aider [à|avec] / vous pouvez me dire / tu peux me dire / est-ce que vous pouvez|pourriez me dire / est-ce que tu peux|pourrais me dire
      / je voudrais|veux|voulais|souhaite|souhaiterais [bien] savoir|demander|connaître / j'aimerais [bien] savoir|connaître|demander / j'ai|j'aurais une [petite|autre] question|interrogation [sur|à_propos_de|concernant] / une [petite|autre] question, / puis-je [vous|te] demander|poser|savoir [quelque_chose|une_question] / je peux [vous|te] poser une question / savez-vous|sais-tu [si] / je me demande|demandais / dites-moi|dis-moi [s'il_vous_plaît] / j'ai besoin d'aide [pour|avec], / ma question est`,
    please: `s'il vous|te plaît|plait / svp|stp / si possible,`,
  },
  {
    language: 'it',
    greetings: `ciao|buongiorno|buonasera|buondì [a_tutti|di_nuovo|ragazzi] / salve|salute|pronto, / buon giorno|pomeriggio / buona sera / come stai|sta|va [oggi], / come state, / piacere [di_conoscerti],`,
    goodbyes: `arrivederci|arrivederla|addio|ciao|ciao_ciao|saluti, / a presto|dopo|domani|più_tardi, / ci vediamo [presto|dopo], / buona giornata|serata|notte [a_lei|a_te], / buonanotte|buon_weekend|buon_fine_settimana, / cordiali|distinti saluti, / altrettanto, / anche a lei|te,`,
    thanks: `grazie|grazie_mille|grazie_tante|molte_grazie|tante_grazie|mille_grazie|la_ringrazio|ti_ringrazio|vi_ringrazio [ancora|di_nuovo|infinite|davvero|molto] [in_anticipo|di_tutto|per_l'aiuto|per_il_tuo_aiuto|per_il_suo_aiuto|dell'aiuto|per_le_informazioni|per_l'informazione|per_la_risposta]
      / grazie|grazie_mille|molte_grazie per ... / molto gentile|utile, / mi è stato [molto] utile|d'aiuto, / mi ha|hai aiutato [molto],`,
    answers: `no|ok|okay|okey / sì, / sì|no volentieri, / bene|va_bene|certo|perfetto|esatto|giusto|capito|ottimo|bello|super|fantastico|benissimo|d'accordo|chiaro|forse|certamente|eccellente|meraviglioso|volentieri|prego, / molto bene, / ho capito, / va benissimo, / non ancora, / nessun problema, / non importa, / nient'altro, / è tutto, / tutto chiaro, / buono a sapersi,`,
    openings: `scusi|scusa|scusate|mi_scusi [il_disturbo|se_disturbo] / potrebbe|può|potresti|puoi|potete|potreste [per_favore|per_cortesia] dirmi|dirci|spiegarmi|indicarmi|aiutarmi [per_favore] [con|a] / mi può|potrebbe|puoi|potresti|potete [per_favore] dire|spiegare|indicare|aiutare|informare
      / vorrei|volevo|voglio|desidero|mi_piacerebbe sapere|chiedere|conoscere / ho|avrei una|un'altra [piccola|altra] domanda [su|per_lei] / una [piccola|altra] domanda, / posso|potrei chiedere|chiederle|chiederti|farle|farti|sapere [una_cosa|una_domanda|qualcosa] / sa|sai dirmi / sapete|sapresti|saprebbe dirmi / mi chiedo|chiedevo / mi dica|dici [per_favore] / dimmi|mi_dica / ho bisogno di aiuto [con|per], / la mia domanda è`,
    please: `per favore|piacere|cortesia / se possibile,`,
  },
  {
    language: 'pt',
    greetings: `olá|oi|oie|alô [tudo_bem|tudo_bom|pessoal|a_todos|de_novo|bom_dia|boa_tarde|boa_noite] / bom dia [a_todos] / boa tarde|noite / boas|saudações, / prezados senhores, / tudo bem|bom [com_você|contigo], / como vai|está|estás|você_está [hoje], / e aí, / prazer,`,
    goodbyes: `tchau|adeus|xau|bye [tchau], / até logo|mais|breve|amanhã|a_próxima|já, / tenha|tenham um|uma bom|boa|ótimo|ótima dia|tarde|noite|fim_de_semana, / bom fim de semana, / um abraço, / abraços, / igualmente, / para você também,`,
    thanks: `obrigado|obrigada|muito_obrigado|muito_obrigada|obrigadão|brigado|brigada|valeu|agradeço|grato|grata [mesmo|novamente|de_novo|por_tudo|desde_já] [pela_ajuda|pela_sua_ajuda|por_sua_ajuda|pela_informação|pelas_informações|pela_resposta|por_ajudar]
      / obrigado|obrigada|muito_obrigado|muito_obrigada por|pela|pelo|pelas|pelos ... / muito útil|gentil|amável, / isso me ajudou|ajuda [muito], / me ajudou muito, / ajudou muito, / foi muito útil,`,
    answers: `sim|não|ok|okay|okey / sim|não por_favor, / claro|certo|bom|bem|perfeito|ótimo|exato|entendi|entendido|legal|beleza|show|excelente|maravilha|combinado|correto|talvez|fixe|massa|tá|pois, / está|tá bem|bom|certo|ótimo, / muito bem|bom, / com certeza, / tudo certo, / pode ser, / ainda não, / sem problema|problemas, / só isso, / é só [isso], / isso [mesmo], / de nada, / que bom, / mais nada, / bom saber,`,
    openings: `desculpe|desculpa|desculpem|com_licença|perdão [o_incômodo|incomodar] / poderia|pode|podes|podia|poderias|podem [por_favor] me dizer|explicar|informar|ajudar [por_favor] [com|a] / poderia|pode|podes|podia|poderias|podem [por_favor] dizer-me|explicar-me|ajudar-me|informar-me [com|a] / você|vocês pode|poderia|podem|poderiam me dizer|explicar|informar|ajudar
      / gostaria|gostava|queria|quero|preciso [de] saber|perguntar|conhecer / tenho|tinha uma|outra [pequena] pergunta|dúvida [sobre] / uma [pequena] pergunta|dúvida, / posso [te|lhe] perguntar|fazer|fazer-lhe|saber [uma_coisa|uma_pergunta|algo] / você sabe|saberia [me_dizer] / sabe dizer|me_dizer / me diga|diz [por_favor] / diga-me|diz-me / preciso de ajuda [com], / minha pergunta é`,
    please: `por favor / por gentileza / pfv|porfavor / se possível, / se faz favor`,
  },
  {
    language: 'tr',
    greetings: `merhaba|merhabalar|selam|selamlar|günaydın [herkese] / iyi günler|akşamlar|sabahlar / tünaydın / selamün aleyküm / nasılsın|nasılsınız|naber [bugün],  / memnun oldum,`,
    goodbyes: `hoşça kal|kalın, / hoşçakal|hoşçakalın|görüşürüz|bay|baybay, / güle güle, / iyi günler|akşamlar|geceler [dilerim], / kendine iyi bak, / görüşmek üzere, / size de,`,
    thanks: `teşekkürler|teşekkür_ederim|çok_teşekkürler|çok_teşekkür_ederim|sağol|sağolun|sağ_ol|sağ_olun|çok_sağol|çok_sağolun|teşekkür_ediyorum [şimdiden|tekrar] / şimdiden|yardımınız_için|yardımın_için|bilgi_için|cevap_için|yanıtınız_için teşekkürler|teşekkür_ederim|çok_teşekkürler, / eyvallah, / çok yardımcı oldu|oldunuz, / işime yaradı,`,
    answers: `evet|hayır|ok|okey|tamam|peki / evet|hayır lütfen, / olur|güzel|harika|süper|mükemmel|anladım|doğru|tabii|tabi|elbette|belki|iyi|şahane|kesinlikle|yok|var, / çok iyi|güzel, / tamam anladım, / henüz değil, / sorun değil|yok, / hepsi bu, / bu kadar, / başka bir şey yok,`,
    openings: `pardon|afedersiniz|affedersiniz|affedersin|afedersin|özür_dilerim|kusura_bakmayın / bir şey sorabilir miyim, / bir soru sorabilir miyim, / bir|küçük_bir sorum var [acaba], / sorum var, / bir soru, / acaba / lütfen söyler misiniz|misin, / bana söyler|söyleyebilir misiniz|misin / merak ediyorum, / yardımcı olur|olabilir musunuz|misiniz, / bana yardım eder misiniz|misin, / yardıma ihtiyacım var, / şunu sormak istiyorum|istiyordum / öğrenmek istiyorum,`,
    please: `lütfen / mümkünse / öğrenmek istiyorum / merak ediyorum / söyler misiniz|misin / söyleyebilir misiniz|misin / bilmek istiyorum`,
  },
  {
    language: 'ru',
    greetings: `привет|приветствую|здравствуйте|здравствуй|приветик|хай [всем|ещё_раз] / добрый день|вечер / доброе утро / доброго дня|времени_суток|утра|вечера / доброй ночи, / салют, / как дела|вы|ты|поживаете|поживаешь, / как у вас|тебя дела, / приятно познакомиться,`,
    goodbyes: `пока|покедова|прощайте|прощай|бай [пока], / до свидания|встречи|завтра|скорого|скорой_встречи, / всего доброго|хорошего|наилучшего, / хорошего дня|вечера [вам], / хороших выходных, / спокойной ночи, / удачи, / увидимся, / с уважением, / и вам|тебе [тоже], / взаимно,`,
    thanks: `спасибо|спс|большое_спасибо|спасибо_большое|огромное_спасибо|спасибо_огромное|благодарю|благодарю_вас|спасибочки|пасиб [вам|тебе|ещё_раз|всем] [заранее|большое|огромное] [за_помощь|за_вашу_помощь|за_ответ|за_информацию|за_быстрый_ответ|за_всё|за_консультацию]
      / спасибо|большое_спасибо|спасибо_большое|благодарю за ... / заранее спасибо|благодарю|благодарен|благодарна, / очень полезно|помогли, / вы [мне] [очень] помогли, / это [мне] [очень] помогло, / очень признателен|признательна,`,
    answers: `да|нет|ок|окей|ok|ага|угу / да|нет пожалуйста, / ладно|хорошо|понятно|понял|поняла|ясно|конечно|отлично|супер|класс|прекрасно|верно|точно|замечательно|здорово|круто|идеально|чудесно|разумеется|возможно|договорились|принято, / не надо|нужно, / всё [понятно|ясно|хорошо], / это всё, / очень хорошо, / пока нет|всё, / ещё нет, / ничего [больше|страшного], / больше ничего, / не проблема, / буду знать, / не за что,`,
    openings: `извините|простите|прошу_прощения|извини|прости [пожалуйста|за_беспокойство] / скажите|подскажите|скажи|подскажи|поясните|объясните|расскажите|помогите [пожалуйста] [мне|нам] [о|про] / не подскажете|подскажешь|скажете [ли] [пожалуйста] / вы|ты не подскажете|подскажешь|скажете / можете|могли_бы|можешь|мог_бы [ли] [вы|ты] [пожалуйста] [мне] сказать|подсказать|объяснить|помочь|рассказать [пожалуйста] [с|о]
      / не могли бы вы [пожалуйста] [мне] сказать|подсказать|объяснить|помочь|рассказать / хочу|хотел|хотела|хотелось [бы] [бы] узнать|спросить|уточнить / я хочу|хотел|хотела [бы] узнать|спросить|уточнить|знать / у меня [есть|к_вам] [небольшой|маленький|один|такой] вопрос [по|о_том] / есть вопрос, / [один|такой|небольшой] вопрос, / можно [вас|тебя] спросить|узнать|уточнить|вопрос / интересно, / мне интересно / вы не знаете / знаете ли вы / нужна помощь, / будьте добры|любезны`,
    please: `пожалуйста|плиз|пож / будьте добры|любезны / если можно, / если не трудно,`,
  },
  {
    language: 'ka',
    greetings: `გამარჯობა|გამარჯობათ|სალამი|გაგიმარჯოს|გაგიმარჯოთ|მოგესალმებით|ჰეი [ყველას] / დილა|საღამო|შუადღე მშვიდობისა / როგორ ხარ|ხართ|ბრძანდებით [დღეს], / როგორა ხარ|ხართ,`,
    goodbyes: `ნახვამდის|კარგად|ჰე, / ღამე მშვიდობისა, / კარგად იყავი|იყავით|ბრძანდებოდეთ, / კარგ|სასიამოვნო დღეს|საღამოს [გისურვებთ], / მომავალ შეხვედრამდე, / დროებით, / თქვენც,`,
    thanks: `მადლობა|გმადლობ|გმადლობთ|დიდი_მადლობა|მადლობთ|მადლობა_დიდი|უღრმესი_მადლობა [თქვენ|შენ|წინასწარ] [დახმარებისთვის|პასუხისთვის|ინფორმაციისთვის|ყველაფრისთვის] / წინასწარ მადლობა|გმადლობთ, / მადლობელი ვარ, / ძალიან დამეხმარეთ|დამეხმარა,`,
    answers: `კი|დიახ|არა|ოკ|ოკეი|ხო|ჰო|კარგი / კი|არა გეთაყვა, / გასაგებია|რა_თქმა_უნდა|მშვენიერია|შესანიშნავია|სუპერ|ზუსტად|კარგია|მაგარია|რათქმაუნდა|გავიგე|სწორია|შეიძლება, / ძალიან კარგი|კარგია, / ჯერ არა, / არაფერი [სხვა], / არა უშავს, / სულ ეს არის, / არაფრის,`,
    openings: `უკაცრავად|ბოდიში|მაპატიეთ / შეგიძლიათ|შეგიძლია [გთხოვთ] მითხრათ|მითხრა|დამეხმაროთ|დამეხმარო|ამიხსნათ / მითხარით|მითხარი|მიპასუხეთ [გთხოვთ] / გთხოვთ მითხრათ|მითხარით / მაინტერესებს|მინდა_ვიცოდე|მინდოდა_მეკითხა|მსურს_ვიცოდე / შეკითხვა|კითხვა მაქვს / [ერთი] კითხვა, / მაქვს [ერთი] შეკითხვა|კითხვა / ხომ ვერ მეტყვით|მეტყვი|მეტყოდით / იქნებ მითხრათ / ხომ არ იცით / შეიძლება [რაღაც] გკითხოთ`,
    please: `გთხოვთ|გთხოვ|თუ_შეიძლება|თუ_შეგიძლიათ|გეთაყვა`,
  },
  {
    language: 'zh',
    greetings: `你好|您好|你们好|大家好|哈喽|哈啰 [呀|啊] / 早上|上午|中午|下午|晚上 好 / 早安|晚安|嘿|嗨 / 早|在吗|在么, / 你好吗|您好吗, / 最近怎么样, / 很高兴认识你|很高兴认识您,`,
    goodbyes: `再见|拜拜|拜|回头见|明天见|下次见|回见|晚安|后会有期|再会 [了], / 祝你|祝您 愉快|一切顺利|生活愉快|有美好的一天, / 你也是|您也是,`,
    thanks: `谢谢|多谢|非常感谢|十分感谢|感谢|谢了|谢谢啦|谢啦|万分感谢|太感谢|辛苦|3q [你|您|你们|了|啦|你了|您了] [的帮助|的帮忙|的回答|的回复|的解答], / 有帮助|很有帮助|很有用|帮了大忙|帮到我了 [了],`,
    answers: `是|是的|对|对的|好|好的|好吧|好呀|好啊|好滴|行|行吧|可以|嗯|嗯嗯|哦|噢|不|不是|不用|不用了|不要|没有|没有了|没了|没事|没问题|没关系|知道了|明白|明白了|了解|了解了|懂了|收到|当然|没错|ok|okay, / 太好|很好|非常好|真好|真棒|太棒|不错|完美 [了], / 就这些|就这样|暂时没有, / 好的好的, / 不客气,`,
    openings: `请问|请问一下|打扰一下|打扰了|不好意思|抱歉|对不起|劳驾 [一下] / 请问|请|麻烦|麻烦你|麻烦您|能|能不能|可以|可否|能否|你能|您能|你能不能|您能不能|你可以|您可以|可不可以 告诉我|告诉我一下|跟我说说|和我说说|帮我解释一下|帮我看看|帮我查一下 / 告诉我 / 我想知道|我想问|我想问一下|我想请问|我想请问一下|我想咨询一下|我想了解|我想了解一下|想问一下|想问问|我想问问|问一下|请教一下|咨询一下 / 你知道|您知道|你知不知道|您知不知道 / 有个问题|我有个问题|我有一个问题|请教一个问题|问个问题|问一个问题 / 能帮我|可以帮我|请帮我|帮帮我|需要帮助|我需要帮助,`,
    please: `拜托|拜托了|麻烦了`,
  },
  {
    language: 'ja',
    greetings: `こんにちは|こんばんは|おはよう|おはようございます|やあ|初めまして|はじめまして / もしもし|どうも|ハロー, / お元気ですか|元気ですか|元気, / お世話になっております|お世話になります / よろしくお願いします|よろしくお願いいたします|よろしく,`,
    goodbyes: `さようなら|さよなら|バイバイ|またね|じゃあね|じゃあまた|ではまた|また今度|また明日|失礼します|失礼いたします|おやすみ|おやすみなさい|それでは|では|良い一日を,`,
    thanks: `ありがとう|有難う|有り難う|ありがと|どうもありがとう|本当にありがとう|大変ありがとう|ご回答ありがとう|お返事ありがとう [ございます|ございました|ね], / 感謝します|感謝いたします|助かります|助かりました|とても助かりました|どうも|役に立ちました|参考になりました,`,
    answers: `はい|いいえ|いえ|うん|ううん|ええ|いや|了解|了解です|了解しました|わかりました|分かりました|わかった|分かった|承知しました|オーケー|オッケー|ok|なるほど|そうです|そうですね|そうですか|大丈夫|大丈夫です|結構です|いいです|いいですね|いいね|素晴らしい|すごい|完璧|完璧です|もちろん|もちろんです|まだ|まだです|それだけです|特にありません|ないです|ありません|問題ありません|問題ないです|お願いします|はいお願いします, / どういたしまして,`,
    openings: `すみません|すみませんが|すいません|ごめんなさい|恐れ入りますが|恐れ入ります|失礼ですが|お尋ねしますが|お聞きしますが|申し訳ありませんが / 質問があります|質問があるのですが|質問です|一つ質問|ちょっと質問|聞きたいのですが|お聞きしたいのですが|お伺いしたいのですが|伺いたいのですが|教えてほしいのですが / 質問, / 手伝ってください|助けてください,`,
    please: `お願いします|お願いいたします|お願いできますか|教えてください|教えて下さい|を教えてください|を教えて下さい|を教えて|を教えてもらえますか|を教えていただけますか|教えてもらえますか|教えていただけますか|教えて|を知りたいです|知りたいです|を知りたいのですが|知りたいのですが`,
  },
  {
    language: 'ar',
    greetings: `مرحبا|مرحباً|أهلا|أهلاً|اهلين|أهلين|هلا|هاي|هلو [بك|بكم|وسهلا|وسهلاً] / السلام عليكم [ورحمة_الله] [وبركاته] / سلام عليكم / صباح|مساء الخير|النور [جميعا] / سلام|تحياتي, / كيف حالك|الحال|حالكم [اليوم], / كيفك|شلونك|ازيك|إزيك, / تشرفنا,`,
    goodbyes: `وداعا|باي|سلام, / مع السلامة, / إلى اللقاء, / في أمان الله, / تصبح|تصبحون على خير, / أراك لاحقا|قريبا, / يوما سعيدا|طيبا, / نهارك سعيد, / يومك سعيد, / وأنت|وأنتم أيضا,`,
    thanks: `شكرا|شكراً|مشكور|متشكر|تسلم|أشكرك|اشكرك|أشكركم|ألف_شكر [جزيلا|جزيلاً|كثيرا|كثيراً|لك|لكم|مقدما] [جزيلا|مقدما|لك|لكم] [على_المساعدة|على_مساعدتك|على_مساعدتكم|على_الرد|على_المعلومات|لمساعدتك|للمساعدة] / جزاك الله خيرا, / بارك الله فيك, / يعطيك العافية, / هذا مفيد [جدا], / ساعدتني كثيرا, / ممتن|ممنون [لك],`,
    answers: `نعم|لا|أجل|اجل|أوكي|اوكي|اوك|ok|أيوه|ايوه|ايوا|إيه|آه|طيب / نعم|لا من_فضلك, / تمام|حسنا|حسناً|جيد|ممتاز|رائع|مفهوم|فهمت|صحيح|بالتأكيد|طبعا|بالطبع|أكيد|اكيد|ماشي|موافق|ربما|جميل|عظيم, / جيد جدا, / ليس بعد, / لا مشكلة, / لا شيء [آخر], / هذا كل شيء, / لا بأس, / على ما يرام, / عفوا,`,
    openings: `عفوا|عفواً|المعذرة|معذرة|عذرا|عذراً|لو_سمحت|لو_سمحتم|من_فضلك|من_فضلكم|آسف [على_الإزعاج] / هل يمكنك|يمكنكم|تستطيع|بإمكانك|بإمكانكم [من_فضلك|أن] إخباري|أن_تخبرني|تخبرني|مساعدتي|أن_تساعدني|تساعدني|أن_تقول_لي|أن_تشرح_لي|أن_توضح_لي [عن|في|كم] / ممكن|هل_ممكن|أيمكنك تخبرني|تقول_لي|أعرف|اعرف|سؤال|أسأل|اسأل|تساعدني|مساعدة / أريد|اريد|أود|اود|أرغب|ارغب|حابب|بدي [أن|في] أعرف|اعرف|معرفة|أسأل|اسأل|الاستفسار [عن] / لدي|عندي سؤال|استفسار [عن|بخصوص|حول] / هل تعرف|تعلم|تعرفون / أخبرني|اخبرني|قل_لي [من_فضلك|عن] / هل لي أن أسأل / أحتاج مساعدة|إلى_مساعدة,`,
    please: `من فضلك|فضلكم / لو سمحت|سمحتم / رجاء|رجاءً|أرجوك|ارجوك|الرجاء / إذا أمكن,`,
  },
  {
    language: 'nl',
    greetings: `hallo|hoi|hey|hi|goedendag|goedemorgen|goedemiddag|goedenavond|goeiemorgen|hallootjes [allemaal|daar|iedereen|team] / goede morgen|middag|avond|dag / dag, / geachte heer_mevrouw|heer|mevrouw, / beste team|mensen, / hoe gaat het [met_u|met_jou|met_je|ermee] [vandaag], / hoe is het, / alles goed, / aangenaam,`,
    goodbyes: `doei|doeg|daag|dag|dagdag|houdoe|ciao|bye, / tot ziens|straks|later|morgen|snel|de_volgende_keer, / fijne|prettige|goede|nog_een_fijne dag|avond|weekend|nacht [nog|verder], / fijn weekend, / welterusten|slaapwel, / met vriendelijke groet|groeten, / groetjes|groeten|mvg, / insgelijks, / u|jij|jou ook,`,
    thanks: `dank_je|dank_u|bedankt|dankjewel|dankuwel|dank_je_wel|dank_u_wel|hartelijk_dank|hartelijk_bedankt|heel_erg_bedankt|erg_bedankt|veel_dank|bedankt_hoor|dank|merci|thanks [zeer|alvast|nogmaals|vriendelijk] [voor_de_hulp|voor_uw_hulp|voor_je_hulp|voor_de_info|voor_de_informatie|voor_het_antwoord|voor_uw_antwoord|voor_je_antwoord|voor_de_moeite|voor_alles]
      / bedankt|dank_je|dank_u|dank_je_wel|dank_u_wel voor ... / alvast bedankt|dank, / dat helpt [mij|me] [erg|enorm|verder], / dat heeft [me|mij] [erg|goed] geholpen, / dat was|is [erg|heel|zeer] nuttig|behulpzaam|handig, / [heel|erg|zeer] behulpzaam,`,
    answers: `ja|nee|jawel|ok|oké|oke|okay / ja|nee graag, / goed|prima|mooi|leuk|perfect|super|top|precies|klopt|begrepen|duidelijk|natuurlijk|zeker|uitstekend|geweldig|fijn|tuurlijk|misschien|snap_ik|fantastisch|graag, / heel|erg|zeer goed|mooi|fijn, / is goed, / dat is goed|prima|alles|mooi|duidelijk, / ik begrijp|snap het, / nog niet, / geen probleem, / maakt niet uit, / niets [meer|anders], / dat was het|alles, / goed om te weten,`,
    openings: `pardon|sorry|excuseer|excuses|neem_me_niet_kwalijk [dat_ik_stoor|voor_het_storen|me|mij], / kunt|kan|kun|zou|kon u|je|jij|jullie [mij|me|ons] [misschien|alstublieft|aub|even] [kunnen|willen] vertellen|zeggen|uitleggen|helpen|aangeven [met] / zou|zouden u|je|jullie [mij|me|ons] [alstublieft|misschien|even] kunnen|willen vertellen|zeggen|uitleggen|helpen
      / ik wil|wilde|wou|zou [graag|even] [graag] weten|vragen / ik zou graag willen weten|vragen / ik heb|had een|nog_een [korte|kleine|snelle|andere] vraag|vraagje [over|voor_u] / een|nog_een [korte|kleine|snel] vraag|vraagje, / vraag|vraagje, / mag|kan ik [u|je|even] [iets|wat|een_vraag] vragen|stellen / weet u|je|jij [misschien|toevallig] / ik vraag|vroeg me|mij af / vertel|zeg me|mij|eens / ik heb hulp nodig [met|bij], / mijn vraag is`,
    please: `alstublieft|alsjeblieft|aub|a.u.b|ajb|asjeblieft|graag`,
  },
  {
    language: 'pl',
    greetings: `cześć|czesc|hej|hejka|siema|witam|witaj|witajcie [wszystkim|wszystkich|serdecznie|państwa|ponownie] / dzień dobry [państwu|wszystkim] / dobry wieczór|wieczor / dobry|halo|elo, / szanowni państwo / jak się masz|ma_pan|ma_pani [dzisiaj], / co słychać|u_ciebie, / co tam, / miło poznać|mi,`,
    goodbyes: `pa|papa|pa_pa|narka|nara|żegnam|cześć, / do widzenia|zobaczenia|jutra|usłyszenia|następnego_razu, / miłego|dobrego dnia|wieczoru|weekendu [życzę], / dobranoc, / na razie, / trzymaj się, / pozdrawiam|pozdrowienia, / z poważaniem, / nawzajem|wzajemnie,`,
    thanks: `dzięki|dziękuję|dziekuje|dziękuję_bardzo|dziękuje|bardzo_dziękuję|bardzo_dziękuje|serdecznie_dziękuję|wielkie_dzięki|dzięki_wielkie|dziękujemy|dziękuję_ślicznie [bardzo|serdecznie|jeszcze_raz|ci|panu|pani|z_góry] [za_pomoc|za_informację|za_informacje|za_odpowiedź|za_szybką_odpowiedź|za_wszystko] / dziękuję|dzięki|dziękuję_bardzo|bardzo_dziękuję za ... / z góry dziękuję|dzięki|dziękuje, / bardzo pomocne, / to [mi] [bardzo] pomogło|pomaga, / bardzo mi pan|pani|to pomógł|pomogła|pomogło, / jestem wdzięczny|wdzięczna,`,
    answers: `tak|nie|ok|okej|okay|no|nom / tak|nie poproszę, / dobra|dobrze|jasne|świetnie|super|rozumiem|pewnie|oczywiście|doskonale|fajnie|zgoda|wspaniale|dokładnie|racja|może|idealnie|rewelacja|ekstra|spoko|zrozumiałem|zrozumiałam, / bardzo dobrze, / w porządku, / jeszcze nie, / nie ma sprawy|problemu, / nic [więcej|takiego|nie_szkodzi], / to wszystko, / to tyle, / dobrze wiedzieć, / nie ma za co,`,
    openings: `przepraszam|przepraszam_bardzo|wybacz|proszę_wybaczyć [że_przeszkadzam|za_kłopot] / czy może|mógłby|mogłaby|możecie pan|pani|państwo [mi|nam] [proszę] powiedzieć|wyjaśnić|pomóc|podać / czy możesz|mógłbyś|mogłabyś [mi|nam] [proszę] powiedzieć|wyjaśnić|pomóc / możesz|mógłbyś|mogłabyś|możecie mi powiedzieć|wyjaśnić|pomóc / chciałbym|chciałabym|chcę|chciałem|chciałam [się] [bym] wiedzieć|dowiedzieć|zapytać|spytać|dowiedzieć_się / mam [jedno|krótkie|małe|takie] pytanie [o|dotyczące|do_pana|do_pani] / [jedno|krótkie|szybkie] pytanie, / czy mogę|można zapytać|spytać|wiedzieć [o|o_coś] / czy wiesz|wiecie|pan_wie|pani_wie / powiedz|powiedzcie|proszę_powiedzieć [mi] [proszę] / zastanawiam się, / potrzebuję pomocy [z|w], / moje pytanie brzmi`,
    please: `proszę|prosze|poproszę / jeśli można|to_możliwe,`,
  },
  {
    language: 'uk',
    greetings: `привіт|вітаю|здрастуйте|здоровенькі_були|привітик [всім|вас|усім|ще_раз] / добрий день|вечір|ранок / доброго дня|ранку|вечора / доброго дня вам / як справи|ви|ти|ся_маєте [сьогодні], / приємно познайомитися,`,
    goodbyes: `бувай|бувайте|прощавайте|папа|па, / до побачення|зустрічі|завтра|скорого, / на все добре, / всього|усього найкращого|доброго, / гарного|хорошого дня|вечора [вам], / гарних вихідних, / на добраніч, / добраніч|щасти|побачимось, / з повагою, / і вам|тобі [також], / навзаєм,`,
    thanks: `дякую|дякуємо|спасибі|щиро_дякую|дуже_дякую|велике_спасибі|велике_дякую|дякую_дуже|дяка|вдячний|вдячна [вам|тобі|дуже|щиро|ще_раз] [наперед|заздалегідь|за_допомогу|за_відповідь|за_інформацію|за_вашу_допомогу|за_все] / дякую|щиро_дякую|дуже_дякую за ... / наперед дякую, / заздалегідь дякую|вдячний|вдячна, / дуже корисно, / ви [мені] [дуже] допомогли, / це [мені] [дуже] допомогло,`,
    answers: `так|ні|ок|окей|ok|ага|угу|добре / так|ні будь_ласка, / гаразд|зрозуміло|зрозумів|зрозуміла|ясно|звичайно|чудово|супер|клас|відмінно|точно|прекрасно|авжеж|звісно|можливо|домовились|круто|правильно, / дуже добре, / не треба|потрібно, / все [зрозуміло|ясно|добре], / це все, / ще ні, / нічого [більше|страшного], / більше нічого, / не проблема, / будемо знати, / нема за що,`,
    openings: `вибачте|перепрошую|пробачте|вибач|даруйте [будь_ласка|за_турботу] / скажіть|підкажіть|скажи|підкажи|поясніть|розкажіть|допоможіть [будь_ласка] [мені|нам] [про] / не підкажете|підкажеш|скажете [будь_ласка] / чи можете|могли_б|можеш|міг_би [ви|ти] [мені] [будь_ласка] сказати|підказати|пояснити|допомогти / чи не могли б ви [мені] [будь_ласка] сказати|підказати|пояснити|допомогти / можете|могли_б|можеш [ви|ти] [мені] сказати|підказати|пояснити|допомогти
      / хочу|хотів|хотіла|хотілося [б|би] дізнатися|запитати|спитати|знати|уточнити / я хочу|хотів|хотіла [б|би] дізнатися|запитати|спитати|знати|уточнити / у мене|маю [є|до_вас] [невелике|одне|таке] питання|запитання [щодо|про] / [одне|таке] питання|запитання, / можна [вас] запитати|спитати|дізнатися / чи знаєте ви / ви не знаєте / цікаво, / мені цікаво / потрібна допомога,`,
    please: `будь ласка|ласочка / будьласка / прошу / якщо можна|можливо,`,
  },
  {
    language: 'cs',
    greetings: `ahoj|čau|nazdar|zdravím|zdar|dobrý_den|dobré_ráno|dobrý_večer|dobré_odpoledne|dobré_dopoledne [všem|všichni|znovu] / krásný|hezký den, / vážení|haló, / jak se máš|máte|vám_daří [dnes], / jak to jde, / těší mě,`,
    goodbyes: `nashle|čau|ahoj|papa|pa|sbohem, / na shledanou|viděnou|slyšenou, / nashledanou, / hezký|krásný|pěkný|příjemný den|večer|víkend [přeji], / dobrou noc, / mějte se [hezky], / měj se [hezky], / s pozdravem, / zatím, / tak zatím, / nápodobně, / vám|tobě také,`,
    thanks: `děkuji|děkuju|díky|dík|moc_děkuji|děkuji_moc|moc_díky|díky_moc|mockrát_děkuji|děkuji_mockrát|velice_děkuji|děkujeme|srdečně_děkuji [vám|ti|pěkně|předem|ještě_jednou] [za_pomoc|za_vaši_pomoc|za_informaci|za_informace|za_odpověď|za_všechno] / děkuji|díky|moc_děkuji|děkuji_moc za ... / předem děkuji|díky, / to mi [moc|velmi] pomohlo, / moc jste mi pomohl|pomohla|pomohli, / velmi užitečné|nápomocné,`,
    answers: `ano|ne|jo|ok|okay|okej|jasně|dobře / ano|ne prosím, / dobrá|super|skvělé|skvěle|rozumím|chápu|výborně|výborné|jistě|perfektní|přesně|samozřejmě|fajn|paráda|možná|správně|bezva|nevadí, / tak jo|dobře, / v pořádku, / velmi dobře, / ještě ne, / žádný problém, / nic [víc|dalšího], / to je vše|všechno|dobré|skvělé, / není zač, / dobré vědět,`,
    openings: `promiňte|promiň|pardon|omlouvám_se|s_dovolením [prosím|že_ruším] / můžete|mohl_byste|mohla_byste|mohli_byste|můžeš|mohl_bys|mohla_bys [mi|nám] [prosím|prosim] [vás] říct|říci|vysvětlit|poradit|pomoct|pomoci|sdělit [s] / chtěl|chtěla|rád|ráda bych [se] [rád|ráda] vědět|věděl|věděla|zeptat|zeptal|zeptala [na] / chci|potřebuji|chtěl_jsem|chtěla_jsem [se] vědět|zeptat / mám [jednu|krátkou|malou|ještě] dotaz|otázku|otázka [na|ohledně|k] / [jedna|krátká|ještě] otázka|dotaz, / mohu|můžu|smím|mohla_bych|mohl_bych se [vás] [na_něco] zeptat / víte|nevíte|nevíš|víš prosím|náhodou / řekněte|řekni|poraďte|povězte mi [prosím] / zajímá|zajímalo mě|by_mě / potřebuji pomoc|poradit [s], / prosím vás`,
    please: `prosím|prosim|prosím_vás / pokud možno,`,
  },
  {
    language: 'ro',
    greetings: `bună|salut|servus|hei|neața [tuturor|din_nou|ziua|dimineața|seara] / bună ziua|dimineața|seara [tuturor] / alo|noroc|salutare, / stimată doamnă, / stimate domn, / ce mai faci|faceți|mai_faci [azi], / ce faci|faceți, / cum ești|sunteți|merge, / îmi pare bine,`,
    goodbyes: `pa|papa|adio|salut|ciao, / la revedere / pe|pa curând|mâine, / ne vedem|auzim [curând], / o zi|seară|noapte|după-amiază bună|frumoasă|plăcută [vă_doresc], / noapte bună, / să aveți|ai o zi bună|frumoasă, / weekend plăcut, / cu stimă|respect, / la fel, / asemenea, / și ție|dumneavoastră,`,
    thanks: `mulțumesc|multumesc|mersi|mulțam|mulțumim|mulțumesc_mult|mulțumesc_frumos|vă_mulțumesc|îți_mulțumesc|multe_mulțumiri|mii_de_mulțumiri|merci [mult|frumos|încă_o_dată|anticipat] [pentru_ajutor|pentru_ajutorul_dumneavoastră|pentru_ajutorul_tău|pentru_informații|pentru_informație|pentru_răspuns|pentru_tot] / mulțumesc|mulțumesc_mult|vă_mulțumesc|mersi pentru ... / m-a|m-ai|m-ați ajutat [mult|foarte_mult], / foarte util, / a fost [foarte|de_mare] util|ajutor, / apreciez|sunt_recunoscător,`,
    answers: `da|nu|ok|okay|bine / da|nu te_rog|vă_rog, / desigur|sigur|perfect|super|înțeleg|exact|excelent|minunat|grozav|corect|bun|clar|tare|frumos|poate|firește|bineînțeles|inteleg|nimic, / am înțeles, / foarte bine|bun, / e|este în_regulă|bine|ok, / în regulă, / de acord, / încă nu, / nicio problemă, / nu-i nimic, / nimic [altceva], / asta e tot, / atât, / cu plăcere, / bine de știut,`,
    openings: `scuze|scuzați|scuzați-mă|scuză-mă|pardon|iertați-mă|îmi_cer_scuze|nu_vă_supărați [de_deranj|că_deranjez] / puteți|ați_putea|poți|ai_putea|îmi_puteți|îmi_poți|mi-ați_putea [vă_rog|te_rog] să_îmi|să-mi|să_mă|spune|explica [spuneți|spui|explicați|explici|ajutați|ajuți] [vă_rog] [cu] / aș vrea|dori să știu|întreb|aflu / vreau|doresc|voiam|doream|vroiam să știu|întreb|aflu / am o|încă_o [scurtă|mică] întrebare [despre|legată_de] / o [scurtă|mică] întrebare, / pot|aș_putea|pot_să [să] vă|te|întreb [întreb] [ceva] / știți|știi [cumva] / spuneți-mi|spune-mi|vă_rog_să-mi_spuneți [vă_rog] / mă întreb|întrebam / am nevoie de ajutor [cu], / întrebarea mea este`,
    please: `vă|te rog [frumos] / dacă se poate, / dacă este posibil,`,
  },
  {
    language: 'sv',
    greetings: `hej|hejsan|hallå|tjena|tjenare|tja|hejhej|goddag|god_dag|godmorgon|god_morgon|god_kväll|godkväll|god_middag|god_eftermiddag [alla|där|igen|på_er|på_dig|hej] / hur mår|är du|ni|läget [idag], / hur är läget, / hur står det till, / läget, / trevligt att träffas,`,
    goodbyes: `hejdå|adjö|hej_då|ajö|hej_hej|farväl, / vi ses|hörs [senare|snart|imorgon], / ha|ha_det|ha_en en|bra|så|bra|trevlig|fin [bra|trevlig|fin] [dag|kväll|helg], / ha det bra|så_bra, / trevlig|fin|bra dag|kväll|helg, / god natt, / godnatt, / med vänlig|vänliga hälsning|hälsningar, / hälsningar|mvh, / detsamma, / du|ni också,`,
    thanks: `tack|tack_så_mycket|tackar|stort_tack|tusen_tack|tack_ska_du_ha|tack_snälla|många_tack|hjärtligt_tack|tackar_så_mycket [igen|på_förhand] [för_hjälpen|för_din_hjälp|för_er_hjälp|för_informationen|för_infon|för_svaret|för_ditt_svar|för_allt] / tack|tack_så_mycket|stort_tack för ... / det hjälpte [mig] [mycket], / det var [väldigt|mycket] hjälpsamt|till_hjälp, / väldigt hjälpsamt, / jag uppskattar det,`,
    answers: `ja|nej|jo|japp|nä|nix|ok|okej|okay / ja|nej gärna, / bra|jättebra|perfekt|toppen|självklart|visst|precis|fint|super|kanon|uppfattat|förstår|såklart|absolut|utmärkt|underbart|kanske|exakt|stämmer|härligt|gärna, / mycket bra, / jag förstår, / inte än, / inga problem, / det är bra|allt|okej|fint|lugnt, / det var allt, / inget [mer|annat], / ingen fara, / bra att veta, / varsågod,`,
    openings: `ursäkta|ursäkta_mig|förlåt|ursäkta_att_jag_stör|sorry / kan|skulle|kunde du|ni [vänligen|snälla] [kunna] berätta|säga|förklara|hjälpa [för_mig|mig|oss] [med|om] / kan|skulle du|ni [snälla] [kunna] tala om [för_mig] / jag undrar|undrade|vill_veta|ville_veta|skulle_vilja_veta|vill_fråga|ville_fråga|skulle_vilja_fråga / jag har|hade en [liten|snabb|kort|annan] fråga [om|angående] / en|bara_en [liten|snabb|kort|annan] fråga, / fråga, / får|kan jag fråga|ställa [dig|er] [något|en_sak|en_fråga] / vet du|ni [möjligtvis|om] / säg mig / berätta [för_mig] / undrar, / jag behöver hjälp [med], / min fråga är`,
    please: `snälla / är du snäll / om möjligt, / vänligen`,
  },
  {
    language: 'el',
    greetings: `γεια|γειά|χαίρετε|καλημέρα|καλησπέρα|καλησπερα|χαιρετώ|χαιρετισμούς [σας|σου|και_πάλι|σε_όλους] / καλό μεσημέρι|απόγευμα / τι κάνεις|κάνετε [σήμερα], / πώς είσαι|είστε|πας|πάει, / χάρηκα,`,
    goodbyes: `αντίο|γεια|καληνύχτα [σας|σου], / τα λέμε [αργότερα], / καλή σας|συνέχεια ημέρα|μέρα, / καλή συνέχεια|ημέρα|μέρα|σου_μέρα, / καλό βράδυ|απόγευμα|σαββατοκύριακο [σας|να_έχετε], / να είστε|είσαι|προσέχεις καλά, / εις το επανιδείν, / με εκτίμηση, / επίσης,`,
    thanks: `ευχαριστώ|ευχαριστούμε|ευχαριστώ_πολύ|σας_ευχαριστώ|σ'ευχαριστώ|σε_ευχαριστώ|χίλια_ευχαριστώ|πολλές_ευχαριστίες [πολύ|και_πάλι|εκ_των_προτέρων|θερμά] [για_τη_βοήθεια|για_τη_βοήθειά_σας|για_τη_βοήθειά_σου|για_την_απάντηση|για_τις_πληροφορίες|για_την_πληροφορία|για_όλα] / ευχαριστώ|ευχαριστώ_πολύ|σας_ευχαριστώ για ... / με βοήθησες|βοηθήσατε|βοήθησε [πολύ|αρκετά], / πολύ χρήσιμο|βοηθητικό, / να είστε|είσαι καλά,`,
    answers: `ναι|όχι|οκ|ok|οκέι|εντάξει / ναι|όχι παρακαλώ, / ωραία|τέλεια|καλά|φυσικά|βέβαια|κατάλαβα|ακριβώς|σωστά|σούπερ|υπέροχα|εξαιρετικά|μάλιστα|βεβαίως|ίσως|τέλειο|ωραίο|σίγουρα|τίποτα|μπράβο, / πολύ καλά|ωραία, / όχι ακόμα|ακόμη, / κανένα πρόβλημα, / δεν πειράζει, / τίποτα άλλο, / αυτό είναι [όλο], / αυτά, / καλό να το ξέρω,`,
    openings: `συγγνώμη|συγνώμη|με_συγχωρείτε|με_συγχωρείς|συγχωρέστε_με [για_την_ενόχληση] / μπορείτε|μπορείς|θα_μπορούσατε|θα_μπορούσες|μπορεί_κάποιος [παρακαλώ|σας_παρακαλώ] να μου|με|μας πείτε|πεις|εξηγήσετε|εξηγήσεις|βοηθήσετε|βοηθήσεις|πει [παρακαλώ] [με|για] / θα ήθελα|θέλω|ήθελα να μάθω|ξέρω|ρωτήσω|γνωρίζω / θέλω|ήθελα|θα_ήθελα να μάθω|ξέρω|ρωτήσω|σας_ρωτήσω / έχω|είχα μια|μία|άλλη_μια [μικρή|γρήγορη] ερώτηση|απορία [για|σχετικά_με] / μια|μία [μικρή|γρήγορη] ερώτηση, / μπορώ|μπορούσα|θα_μπορούσα να ρωτήσω|μάθω|σας_ρωτήσω|σε_ρωτήσω [κάτι] / ξέρετε|ξέρεις|γνωρίζετε|μήπως_ξέρετε|μήπως_γνωρίζετε [αν] / πείτε|πες μου [παρακαλώ] / αναρωτιέμαι / χρειάζομαι βοήθεια [με], / η ερώτησή μου είναι`,
    please: `παρακαλώ|σας_παρακαλώ|σε_παρακαλώ / αν γίνεται|είναι_δυνατόν,`,
  },
  {
    language: 'ko',
    greetings: `안녕하세요|안녕|안녕하십니까|안뇽|반갑습니다|하이|헬로 [여러분] / 좋은 아침|아침입니다|저녁|오후, / 여보세요, / 잘 지내세요|지내|지냈어요, / 어떻게 지내세요|지내, / 처음 뵙겠습니다,`,
    goodbyes: `안녕히 계세요|가세요|계십시오|주무세요, / 잘 가|있어|자|지내세요, / 바이|바이바이|빠이|굿나잇, / 다음에|또|나중에 봐요|봐|뵐게요|만나요, / 좋은 하루 되세요|보내세요, / 수고하세요|수고하십시오|안녕,`,
    thanks: `감사합니다|고맙습니다|고마워요|고마워|감사해요|감사|땡큐|감사드립니다|정말_감사합니다|대단히_감사합니다|진심으로_감사합니다|정말_고마워요|정말_고맙습니다 [정말], / 도와주셔서|답변|답변해_주셔서|알려주셔서|도움|친절한_답변|미리|많이 감사합니다|고맙습니다|감사해요|고마워요, / 도움이 [많이|정말] 됐어요|되었습니다|됐습니다|됐어, / 많은 도움이 되었습니다|됐어요,`,
    answers: `네|예|응|아니요|아니오|아니|아뇨|넵|넹|ok|오케이|오키|ㅇㅋ|ㅇㅇ|알겠습니다|알겠어요|알았어요|알았어|그래요|그래|좋아요|좋아|좋습니다|좋네요|맞아요|맞습니다|괜찮아요|괜찮습니다|됐어요|됐습니다|물론|물론이죠|물론입니다|당연하죠|완벽해요|훌륭해요|최고|최고예요|대박|굿|아직|아직이요|없어요|없습니다|이해했어요|이해했습니다|그렇군요|아하|부탁해요|부탁합니다|부탁드립니다|천만에요, / 네|예|아니요 부탁해요|부탁드립니다|괜찮아요|괜찮습니다|좋아요|알겠습니다|맞아요, / 아주|정말|매우 좋아요|좋습니다, / 문제|더_이상 없어요|없습니다,`,
    openings: `실례합니다|실례지만|죄송합니다|죄송하지만|죄송한데|죄송한데요|저기요|저기|저, / 혹시 / 질문이|궁금한_게|궁금한_것이|물어볼_게|여쭤볼_게 있어요|있습니다|있는데요|있어서요|있는데 / 질문 있어요|있습니다|하나|드려도_될까요|있는데요, / 질문이요|질문, / 하나|뭐|뭐_좀 물어봐도|여쭤봐도 될까요|되나요|돼요 / 여쭤볼게요|물어볼게요|문의드립니다|문의합니다|궁금해요|궁금합니다, / 도와주세요|도와줘, / 좀 도와주세요|도와줘,`,
    please: `제발|부탁드려요|부탁드립니다|부탁합니다|부탁해요|궁금합니다|궁금해요|알려주세요|알려줘|알려_주세요|알려_줘|말해_주세요|말해주세요|가르쳐_주세요|가르쳐주세요|알려주시겠어요|알려주실_수_있나요|알려_주실_수_있나요|알고_싶어요|알고_싶습니다`,
  },
  {
    language: 'hi',
    greetings: `नमस्ते|नमस्कार|हेलो|हैलो|हाय|प्रणाम|राम_राम [जी|सर|मैडम|दोस्तों] / शुभ प्रभात|संध्या|दिन|दोपहर / सुप्रभात / आप कैसे हैं|हो, / कैसे हैं|हो आप, / कैसे हो|हैं, / क्या हाल है|हैं|चाल, / namaste,`,
    goodbyes: `अलविदा|बाय|टाटा, / फिर मिलेंगे|मिलते_हैं, / शुभ रात्रि, / आपका दिन शुभ हो, / शुभ दिन, / ध्यान रखना|रखिए, / आपको भी,`,
    thanks: `धन्यवाद|शुक्रिया|बहुत_धन्यवाद|बहुत_बहुत_धन्यवाद|बहुत_शुक्रिया|बहुत_बहुत_शुक्रिया|आपका_धन्यवाद|थैंक्स|थैंक_यू|आभार|बहुत_आभार|आपका_बहुत_बहुत_धन्यवाद|आपका_बहुत_धन्यवाद|dhanyavad|shukriya [जी|आपका|सर] / मदद|सहायता|जानकारी|जवाब|उत्तर|आपकी_मदद|आपकी_सहायता के लिए धन्यवाद|शुक्रिया|बहुत_धन्यवाद|आभार, / इससे [बहुत|काफी] मदद मिली, / बहुत मददगार|उपयोगी [था|है],`,
    answers: `हाँ|हां|हा|जी|नहीं|नही|ना|ओके|ok|ठीक|ठीक_है|अच्छा / जी|हाँ|हां हाँ|हां|नहीं|जी|कृपया, / बढ़िया|बहुत_बढ़िया|बहुत_अच्छा|समझ_गया|समझ_गई|बिल्कुल|ज़रूर|जरूर|सही|सही_है|शानदार|वाह|अच्छा_है|शायद|उत्तम, / अभी नहीं, / कोई बात नहीं, / कोई समस्या नहीं, / कुछ नहीं, / बस इतना ही, / और कुछ नहीं, / बस,`,
    openings: `क्षमा_करें|क्षमा_कीजिए|माफ़_करें|माफ_करें|माफ़_कीजिए|माफ_कीजिए|सुनिए [जी] / क्या आप [कृपया] [मुझे|हमें] [कृपया] बता|समझा|मदद_कर सकते|सकती हैं [कि] / क्या तुम [मुझे] बता सकते|सकती हो [कि] / कृपया [मुझे|हमें] बताएं|बताइए|बताएँ|बताओ|बताये [कि] / मुझे|हमें [कृपया] बताएं|बताइए|बताओ|बताएँ [कि] / मैं|हम [यह] जानना|पूछना चाहता|चाहती|चाहते हूँ|हूं|था|थी|हैं [कि] / मुझे [यह] जानना|पूछना है|था [कि] / मेरा|मेरे एक|पास [छोटा_सा|एक] सवाल|प्रश्न है / एक [छोटा_सा] सवाल|प्रश्न, / क्या मैं [आपसे] [कुछ|एक_सवाल] पूछ|जान सकता|सकती हूँ|हूं / क्या आप जानते|जानती हैं|हो [कि] / क्या आपको पता है [कि] / मुझे मदद|सहायता चाहिए,`,
    please: `कृपया|प्लीज|प्लीज़ / बताएं|बताइए|बताओ|बताएँ / कृपया बताएं|बताइए|बताएँ`,
  },
  {
    language: 'th',
    greetings: `สวัสดี|หวัดดี|ดีจ้า|ฮัลโหล|อรุณสวัสดิ์|สวัสดีตอนเช้า|สวัสดีตอนบ่าย|สวัสดีตอนเย็น [ครับ|ค่ะ|คะ|จ้า|ทุกคน] / สบายดีไหม|สบายดีมั้ย|เป็นอย่างไรบ้าง|เป็นยังไงบ้าง [ครับ|ค่ะ|คะ], / ยินดีที่ได้รู้จัก [ครับ|ค่ะ],`,
    goodbyes: `ลาก่อน|บาย|บ๊ายบาย|แล้วเจอกัน|แล้วพบกันใหม่|ไว้เจอกัน|ราตรีสวัสดิ์|ฝันดี|โชคดี|ขอให้เป็นวันที่ดี [นะ] [ครับ|ค่ะ|คะ|จ้า],`,
    thanks: `ขอบคุณ|ขอบใจ|ขอบคุณมาก|ขอบคุณมากๆ|ขอบคุณมาก_ๆ|ขอบพระคุณ|ขอบพระคุณมาก|ขอบคุณล่วงหน้า|ขอบคุณสำหรับความช่วยเหลือ|ขอบคุณที่ช่วยเหลือ|ขอบคุณที่ช่วย|ขอบคุณสำหรับข้อมูล|ขอบคุณสำหรับคำตอบ [นะ] [ครับ|ค่ะ|คะ|จ้า|มาก], / ช่วยได้มาก|มีประโยชน์มาก|เป็นประโยชน์มาก [เลย] [ครับ|ค่ะ],`,
    answers: `ใช่|ไม่|ไม่ใช่|โอเค|ok|ได้|ตกลง|เข้าใจ|เข้าใจแล้ว|ดี|ดีมาก|เยี่ยม|เยี่ยมมาก|เยี่ยมเลย|ดีเลย|ยอดเยี่ยม|สุดยอด|รับทราบ|แน่นอน|ถูกต้อง|ไม่เป็นไร|ไม่มี|ไม่มีแล้ว|ไม่มีปัญหา|ยังไม่|ยัง|อืม|อ๋อ|แค่นี้|แค่นั้น|บางที|ครับ|ค่ะ|คะ|จ้า [แล้ว] [ครับ|ค่ะ|คะ|จ้า],`,
    openings: `ขอโทษ|ขอโทษนะ|ขออภัย|ขอโทษที่รบกวน|รบกวน [ครับ|ค่ะ|คะ], / ขอถาม|ขอสอบถาม|สอบถาม|อยากถาม|อยากทราบ|อยากรู้|อยากสอบถาม|ขอทราบ|รบกวนสอบถาม|รบกวนถาม|ขอถามหน่อย|สอบถามหน่อย|ขอสอบถามหน่อย|มีคำถาม [หน่อย] [ครับ|ค่ะ|คะ] [ว่า] / ช่วยบอก|กรุณาบอก|บอก|ช่วยอธิบาย|คุณช่วยบอก|คุณบอก|คุณช่วยบอกฉัน ฉัน|ผม|หน่อย|หน่อยว่า|ได้ไหมว่า|ฉันได้ไหมว่า|ผมได้ไหมว่า [หน่อย|ว่า|ได้ไหมว่า] / คุณรู้ไหมว่า|ทราบไหมว่า|คุณทราบไหมว่า / ช่วยด้วย|ช่วยหน่อย|ต้องการความช่วยเหลือ [ครับ|ค่ะ|คะ],`,
    please: `กรุณา|ได้โปรด|โปรด|หน่อย / ครับ|ค่ะ|คะ|นะครับ|นะคะ|หน่อยครับ|หน่อยค่ะ`,
  },
  {
    language: 'vi',
    greetings: `xin chào|chao [bạn|anh|chị|em|các_bạn|mọi_người|shop|ad] / chào bạn|anh|chị|các_bạn|mọi_người|shop|ad|buổi_sáng|buổi_chiều|buổi_tối / chào, / a lô, / alo|hello|hi [bạn|shop|ad], / bạn|anh|chị khỏe|có_khỏe không, / bạn thế nào, / rất vui được gặp bạn,`,
    goodbyes: `tạm biệt [bạn|nhé|anh|chị|shop], / hẹn gặp lại [bạn|sau|nhé], / bye|bai [bạn|nhé|shop], / chúc bạn|anh|chị|một ngày_tốt_lành|một_ngày_tốt_lành|vui_vẻ|ngủ_ngon, / chúc ngủ ngon, / chào tạm biệt, / bạn cũng vậy,`,
    thanks: `cảm_ơn|cám_ơn|xin_cảm_ơn|xin_cám_ơn|cảm_ơn_rất_nhiều|chân_thành_cảm_ơn|tks|thanks [bạn|anh|chị|em|các_bạn|shop|ad] [nhiều|rất_nhiều|nhé|trước|nha|lắm] [vì_đã_giúp_đỡ|vì_sự_giúp_đỡ|đã_giúp_đỡ|đã_giúp|về_thông_tin|vì_thông_tin|vì_câu_trả_lời] / rất hữu ích, / điều đó [rất] giúp_ích|hữu_ích,`,
    answers: `ok|okay|oke / vâng|dạ|có|không|ừ|ừm|được|đúng|rồi, / vâng|dạ|không vâng|được|ạ|không|có|rồi|cảm_ơn, / tốt|hay|tuyệt|hoàn_hảo|tuyệt_vời|tất_nhiên|chắc_chắn|đúng_rồi|được_rồi|hiểu_rồi|tôi_hiểu|tôi_hiểu_rồi|biết_rồi|đồng_ý|rất_tốt|tốt_lắm|hay_quá|có_thể|thế_à, / chưa, / không sao [đâu], / không có gì [thêm|nữa], / không vấn đề gì, / vậy thôi, / thế thôi, / hết rồi,`,
    openings: `xin lỗi [bạn|anh|chị|đã_làm_phiền] / làm ơn / cho|vui_lòng_cho|làm_ơn_cho|xin_cho tôi|mình|em|tôi_được|mình_được hỏi|biết|xin_hỏi [chút|một_chút] / bạn|anh|chị|shop|ad có thể [vui_lòng] cho|nói|giải_thích|giúp|chỉ [cho] tôi|mình|em [biết] / tôi|mình|em muốn biết|hỏi|được_biết|tìm_hiểu|hỏi_về|biết_về / tôi|mình|em có một|câu|thêm_một [câu] [hỏi] [về|muốn_hỏi] / một câu hỏi, / bạn|anh|chị có biết / tôi|mình có thể hỏi [bạn] [một_câu|một_chút|một_câu_hỏi], / xin hỏi / nói cho tôi biết / tôi|mình cần [được] giúp_đỡ|giúp|trợ_giúp,`,
    please: `làm ơn / vui lòng / xin vui lòng`,
  },
  {
    language: 'he',
    greetings: `היי|הי|אהלן|הלו|ברוכים_הבאים [לכם|לך|שם|לכולם|שוב] / שלום [לך|לכם|רב|לכולם] / בוקר טוב|אור [לכולם] / ערב|צהריים|יום טוב|טובים / אחר צהריים טובים / מה שלומך|שלומכם|נשמע|קורה|המצב [היום], / מה איתך, / נעים להכיר,`,
    goodbyes: `להתראות|ביי|בייביי|שלום|יאללה_ביי, / לילה טוב, / נתראה [אחר_כך|בקרוב|מחר], / יום|ערב|המשך|שבוע|סוף_שבוע טוב|נעים|נפלא|יום_טוב|יום_נעים, / שבת שלום, / כל טוב, / בברכה, / גם לך|לכם,`,
    thanks: `תודה|תודה_רבה|המון_תודה|תודה_לך|תודה_לכם|רב_תודות|תודות|אני_מודה_לך|טנקס [מראש|שוב|מאוד|רבה] [על_העזרה|על_עזרתך|על_המידע|על_התשובה|על_הכל] / תודה רבה לך|לכם [על_העזרה], / זה [מאוד] עזר|עוזר [לי] [מאוד], / עזרת לי [מאוד], / מאוד מועיל|עוזר|שימושי,`,
    answers: `כן|לא|אוקיי|אוקי|ok|אוקיי|טוב / כן|לא בבקשה|תודה, / בסדר|מצוין|מעולה|נהדר|הבנתי|ברור|בטח|בוודאי|סבבה|אחלה|נכון|מושלם|יופי|סופר|מגניב|אולי|בדיוק|כמובן|יפה|אין_בעיה|מקובל, / טוב מאוד, / בסדר גמור, / עדיין לא, / עוד לא, / לא נורא, / לא משנה, / שום דבר [אחר|נוסף], / זה הכל, / זהו, / טוב לדעת,`,
    openings: `סליחה|סלח_לי|סלחי_לי|מצטער|מצטערת [על_ההפרעה|שאני_מפריע] / אתה|את|אתם|האם יכול|יכולה|יכולים|תוכל|תוכלי|תוכלו|אתה_יכול|את_יכולה|אפשר [בבקשה] לומר|להגיד|להסביר|לעזור|לספר [לי|לנו] [בבקשה|על|עם] / תוכל|תוכלי|תוכלו|אפשר [בבקשה] לומר|להגיד|להסביר|לעזור|לספר|לשאול|לדעת [לי|לנו|אותך] [משהו|שאלה|בבקשה] / אני|הייתי רוצה|רציתי|מבקש|מבקשת|מעוניין|מעוניינת לדעת|לשאול|לברר [אם|על] / רציתי|ברצוני לדעת|לשאול|לברר [אם|על] / יש לי שאלה|שאלה_קטנה|שאלה_קצרה [לגבי|על|בנוגע_ל] / שאלה [קטנה|קצרה], / אני תוהה / האם אתה|את|אתם יודע|יודעת|יודעים / אתה|את|אתם יודע|יודעת|יודעים / תגיד|תגידי|אמור|אמרי|תסביר|ספר|ספרי לי|לנו [בבקשה] / אני צריך|צריכה עזרה [עם],`,
    please: `בבקשה|אנא / אם אפשר,`,
  },
];
