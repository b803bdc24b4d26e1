use std::sync::{Arc, OnceLock};

use proptest::prelude::*;

use super::*;
use crate::morphology::{Concepts, Lexicon};
use crate::redact::Action;

fn lexicon() -> Arc<Lexicon> {
    static LEXICON: OnceLock<Arc<Lexicon>> = OnceLock::new();
    Arc::clone(LEXICON.get_or_init(|| {
        // The dictionary the crate ships: its concepts cut and join words beside names.
        let terms = include_str!("../../../dictionaries/rare-cancer/terms.csv");
        let codes = include_str!("../../../dictionaries/rare-cancer/disease_codes.csv");
        Arc::new(Lexicon::embedded(Concepts::parse(("terms.csv", terms), ("disease_codes.csv", codes)).unwrap()).unwrap())
    }))
}

fn redactor(policy: Policy) -> (Redactor, Segmenter) {
    static REDACTOR: OnceLock<Redactor> = OnceLock::new();
    let redactor = REDACTOR.get_or_init(|| Redactor::new(lexicon(), &IdentifierLists::builtin().unwrap(), Policy::default()).unwrap());
    (Redactor { policy, ..redactor.clone() }, lexicon().segmenter())
}

fn call(policy: Policy, turns: &[&str]) -> Vec<RedactedUtterance> {
    let (mut redactor, mut segmenter) = redactor(policy);
    let utterances: Vec<_> = turns.iter().map(|t| Utterance { speaker: Speaker::Caller, text: (*t).to_owned() }).collect();
    let mut out = Vec::new();
    redactor.redact(&mut segmenter, &utterances, &mut out).unwrap();
    out
}

fn masked(text: &str) -> String {
    call(Policy::default(), &[text]).remove(0).text
}

#[test]
fn telephone_numbers_in_every_form() {
    for number in [
        "03-1234-5678",
        "０９０－１２３４－５６７８",
        "090 1234 5678",
        "(03)1234-5678",
        "03(1234)5678",
        "09012345678",
        "0120-123-456",
        "〇九〇の、えー、一二三四の五六七八",
        "ゼロキューゼロの、イチニーサンヨンの、ゴーロクナナハチ",
        "ぜろきゅうぜろのいちにさんよんのごろくななはち",
        "+81-90-1234-5678",
    ] {
        assert_eq!(masked(&format!("電話は{number}です。")), "電話は〔電話番号〕です。", "{number}");
    }
    // Amounts, doses and counts are none.
    for text in ["費用は1234567円で、10人に1人です。", "イマチニブ400mgを1日1回です。", "血圧は120の80です。"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_number_told_in_turns_is_one_number() {
    let out = call(Policy::default(), &["お電話番号をお願いします。", "〇九〇の", "はい", "一二三四の五六七八です"]);
    assert_eq!([out[1].text.as_str(), out[3].text.as_str()], ["〔電話番号〕の", "〔電話番号〕です"]);
}

#[test]
fn structured_identifiers() {
    assert_eq!(masked("メールは tanaka@example.com まで"), "メールは 〔メール〕 まで");
    assert_eq!(masked("タナカ、アットマーク、エグザンプル、ドット、ジェイピーです"), "〔メール〕です");
    assert_eq!(masked("https://example.jp/a を見ました"), "〔URL〕 を見ました");
    assert_eq!(masked("〒１２３－４５６７です"), "〔郵便番号〕です");
    assert_eq!(masked("診察券番号はA12345です"), "診察券番号は〔番号〕です");
    assert_eq!(masked("昭和33年4月2日生まれです"), "〔生年月日〕生まれです");
    assert_eq!(masked("生年月日はS33.4.2です"), "生年月日は〔生年月日〕です");
}

#[test]
fn what_its_shape_makes_certain_needs_no_weights() {
    let lists = IdentifierLists { context: crate::redact::ContextTable::default(), ..IdentifierLists::builtin().unwrap() };
    let mut plain = Redactor::new(lexicon(), &lists, Policy::default()).unwrap();
    for (text, kind) in [
        ("宛先はhana@example.jpです", IdentifierType::Email),
        ("https://example.jp/aにあります", IdentifierType::Url),
        ("@hana_2020が私です", IdentifierType::Account),
        ("03-1234-5678にどうぞ", IdentifierType::Phone),
        ("三月十二日に行きます", IdentifierType::Date),
        ("郵便番号は123の4567です", IdentifierType::PostalCode),
        ("〒123-4567に送って", IdentifierType::PostalCode),
        ("父は九十三歳です", IdentifierType::Age),
        ("123456789018と書いてあります", IdentifierType::RecordId),
        ("昭和33年4月2日生まれです", IdentifierType::BirthDate),
    ] {
        let found = plain.find(&mut lexicon().segmenter(), &[text]).unwrap().remove(0);
        assert!(matches!(found.as_slice(), [one] if one.kind == kind), "{text}: {found:?}");
    }
}

#[test]
fn days_but_not_durations() {
    assert_eq!(masked("来月の15日に予約が、三月十二日にもあります"), "来月の〔日付〕に予約が、三月〔日付〕にもあります");
    for text in ["3日間入院して、2日に1回、1日3回飲みます", "3月に手術しました", "一日中だるくて", "二、三日で治りました"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn addresses_below_the_prefecture() {
    assert_eq!(masked("北海道札幌市中央区北三条西4丁目1-2です"), "北海道〔住所〕です");
    assert_eq!(masked("府中市に住んでいます"), "〔住所〕に住んでいます");
    assert_eq!(masked("東京から来ました"), "東京から来ました");
}

#[test]
fn accounts_and_the_oldest() {
    assert_eq!(masked("インスタは@hana_2020です"), "インスタは〔アカウント〕です");
    assert_eq!(masked("LINEのIDはsakura_55です"), "LINEのIDは〔アカウント〕です");
    assert_eq!(masked("祖母は九十三歳で、祖父は98歳です"), "祖母は〔90歳以上〕で、祖父は〔90歳以上〕です");
    assert_eq!(masked("内線4152をお願いします"), "内線〔電話番号〕をお願いします");
    assert_eq!(masked("父は昭和八年生まれです"), "父は〔生年月日〕生まれです");
    for text in ["LINEで送ってください", "89歳です", "90歳以上の方", "190cmで、1.90倍", "昭和八年のことです"] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn what_the_sentence_tells_to_be_an_identifier() {
    for (text, expected) in [
        ("妻(和代)が同席、夫(Kevin)は帰国中", "妻(〔氏名〕)が同席、夫(〔氏名〕)は帰国中"),
        ("倉吉市の足立ですがな", "〔住所〕の〔氏名〕ですがな"),
        ("孫のかえでが小学校に上がって", "孫の〔氏名〕が小学校に上がって"),
        ("さえき様とお読みするお名前の方ですね", "〔氏名〕様とお読みするお名前の方ですね"),
        ("母はもう九十三でして", "母はもう〔90歳以上〕でして"),
        ("飛鳥化成に勤めています", "〔施設名〕に勤めています"),
        ("円通寺の住職です", "〔施設名〕の住職です"),
        ("番地が四百六の二です", "番地が〔住所〕です"),
        ("次回予約は2/14 9:30です", "次回予約は2/〔日付〕 9:30です"),
        ("先月二十七日に電話しました", "先月〔日付〕に電話しました"),
        ("11/8SO受診、佐藤Dr対応", "11/〔日付〕SO受診、〔氏名〕Dr対応"),
    ] {
        assert_eq!(masked(text), expected);
    }
    for text in [
        "母(60代)と夫(会社員)、妻(健在)",
        "休みは週休3日にするそうです",
        "プレドニン1/2T分1を2日に渡って",
        "蒸し暑いタイプの暑さが苦手で",
        "愛知といえば味噌ですね",
        "子供一人につき一時間まで",
        "ティーピー五十三とアールビーワンの遺伝子",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn names_that_only_the_long_lists_know_need_a_word_that_announces_them() {
    for (text, expected) in [
        ("息子の由歌が遠くにいます", "息子の〔氏名〕が遠くにいます"),
        ("フリガナはツジモトヨシエです", "フリガナは〔氏名〕です"),
        ("ひらがなで言うとおくもとなおみです", "ひらがなで言うと〔氏名〕です"),
        ("大河原峻一と申しますが", "〔氏名〕と申しますが"),
        // The dot between two words is three bytes; the second is ヴァン, and not ヴァ.
        ("名前はファン・ヴァン・ロンです", "名前は〔氏名〕です"),
    ] {
        assert_eq!(masked(text), expected);
    }
    // 中, 件, 年 and 結婚 are given names of the list.
    for text in ["家族の中で意見が割れて", "母の件でお電話しました", "父の年では手術は", "娘の結婚が近くて", "息子の勉強が心配で"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn names_that_stand_where_relatives_and_practices_are_named() {
    for (text, expected) in [
        ("妻のオクサーナが不安がって", "妻の〔氏名〕が不安がって"),
        ("紹介状は、はせべ内科クリニックの先生が", "紹介状は、〔施設名〕の先生が"),
        ("ほしぞら幼稚園には何と", "〔施設名〕には何と"),
        ("横須賀の追浜から通って", "〔住所〕から通って"),
    ] {
        assert_eq!(masked(text), expected);
    }
    // Words of the dictionary, what modifies a noun, and a person of a town.
    for text in ["妻のパートが", "母のリハビリは", "いつものクリニックで", "ちいさな病院で", "これから病院に行って", "「そら」という映画"]
    {
        assert_eq!(masked(text), text);
    }
    assert_eq!(masked("沼津市の山崎です"), "〔住所〕の〔氏名〕です");
}

#[test]
fn names_that_no_list_knows_are_told_by_their_neighbours() {
    assert_eq!(masked("うちの蒼真ときたら甘えん坊で"), "うちの〔氏名〕ときたら甘えん坊で");
    assert_eq!(masked("弟はたま川製作所に勤めています"), "弟は〔施設名〕に勤めています");
    // Without the learned weights they stay.
    let lists = IdentifierLists { context: crate::redact::ContextTable::default(), ..IdentifierLists::builtin().unwrap() };
    let mut plain = Redactor::new(lexicon(), &lists, Policy::default()).unwrap();
    let found = plain.find(&mut lexicon().segmenter(), &["うちの蒼真ときたら甘えん坊で"]).unwrap();
    assert!(found[0].is_empty());
}

#[test]
fn whoever_is_introduced_has_a_name_and_kinds_and_capitals_have_none() {
    for (text, expected) in [
        ("塚越谷鷺太郎と申します", "〔氏名〕と申します"),
        ("グエン・ティ・ハインって申します", "〔氏名〕って申します"),
        ("家族の者と申しますか", "家族の者と申しますか"),
        ("市民病院と申しますと", "市民病院と申しますと"),
        ("=SUM(1) 治療のことで", "=SUM(1) 治療のことで"),
        ("JCOGの試験のことで", "JCOGの試験のことで"),
        ("あとはラリーが続くと楽しいです。", "あとはラリーが続くと楽しいです。"),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn what_is_read_aloud_in_kana_of_any_kind() {
    for (text, expected) in [
        ("メールならケー アンダーバー すずらん アット まーく いーえっくす ドット ジェーピーです", "メールなら〔メール〕です"),
        ("返事はミント アット ぽすとねっと ドット ジェーピーへ", "返事は〔メール〕へ"),
        ("あっと驚くような点は、どっと疲れることです", "あっと驚くような点は、どっと疲れることです"),
        ("ミントはアットホームなのでテンションが上がる", "ミントはアットホームなのでテンションが上がる"),
        ("母の血圧は上が95です", "母の血圧は上が95です"),
        ("手紙は八九一の九九〇二に", "手紙は〔郵便番号〕に"),
        ("八四三の〇〇七九です", "〔郵便番号〕です"),
        ("曽祖母一〇四歳", "曽祖母〔90歳以上〕"),
        ("九十三の親父がまだ", "〔90歳以上〕の親父がまだ"),
        ("次回予約11月4日(火)です", "次回予約11月〔日付〕です"),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn personal_names_by_context() {
    for (text, expected) in [
        ("田中と申します", "〔氏名〕と申します"),
        ("ヤマモト ケイコです", "〔氏名〕です"),
        ("ヤマモトケイコといいます", "〔氏名〕といいます"),
        ("山田花子様", "〔氏名〕様"),
        ("主治医は林先生です", "主治医は〔氏名〕先生です"),
        ("田んぼの田に中で田中です", "〔氏名〕で〔氏名〕です"),
        ("看護師の東でございます", "看護師の〔氏名〕でございます"),
    ] {
        assert_eq!(masked(text), expected);
    }
    for text in
        ["お母さんと奥さんと看護師さん、皆さん", "ユーイング肉腫とホジキンリンパ腫、橋本病", "森の中と東の方と林の中", "石川県と福島の病院"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn facilities_with_a_name_but_not_kinds_and_public_centres() {
    assert_eq!(masked("さくら病院と田中クリニックで"), "〔施設名〕と〔施設名〕で");
    // Concepts of the dictionary (訪問看護ステーション, 脳神経外科) stand inside names.
    assert_eq!(masked("さくら訪問看護ステーションと柏葉脳神経外科病院"), "〔施設名〕と〔施設名〕");
    assert_eq!(masked("副作用で働くことが難しい"), "副作用で働くことが難しい");
    for text in ["大きい病院や近くのクリニック", "静岡がんセンター", "国立がん研究センター中央病院", "九州大学病院", "総合病院の整形外科"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_name_introduced_once_is_masked_wherever_the_call_repeats_it() {
    let out = call(Policy::default(), &["ひよりは保育園です。", "ひよりちゃんですね。", "ひよりが心配で"]);
    let texts: Vec<_> = out.iter().map(|u| u.text.as_str()).collect();
    assert_eq!(texts, ["〔氏名〕は保育園です。", "〔氏名〕ちゃんですね。", "〔氏名〕が心配で"]);
    // Another call knows nothing of it.
    assert_eq!(masked("ひよりが心配で"), "ひよりが心配で");
}

#[test]
fn what_was_heard_before_changes_nothing() {
    let (mut redactor, mut segmenter) = redactor(Policy::default());
    let mut call = |turns: &[&str]| {
        let utterances: Vec<_> = turns.iter().map(|t| Utterance { speaker: Speaker::Caller, text: (*t).to_owned() }).collect();
        let mut out = Vec::new();
        redactor.redact(&mut segmenter, &utterances, &mut out).unwrap();
        out.into_iter().map(|u| u.text).collect::<Vec<_>>()
    };
    // Nothing asked: four digits are nothing. The same words after the question are a number.
    let digits = "1123です";
    assert_eq!(call(&[digits]), [digits]);
    assert_eq!(call(&["お電話番号をお願いします。", digits])[1], "〔電話番号〕です");
    assert_eq!(call(&[digits]), [digits]);
    // An utterance without a find still asks: the next is its answer, also the second time.
    for _ in 0..2 {
        assert_eq!(call(&["お電話番号をお願いします。", "〇九〇の一二三四の五六七八"])[1], "〔電話番号〕");
    }
}

#[test]
fn the_policy_keeps_what_it_says() {
    let policy = Policy::default().with(IdentifierType::Date, Action::Keep);
    let out = call(policy, &["田中です。15日に予約が"]);
    assert_eq!(out[0].text, "〔氏名〕です。15日に予約が");
    assert_eq!(out[0].removed, [IdentifierType::Person]);
}

#[test]
fn each_placeholder_is_one_token() {
    let out = call(Policy::default(), &["電話は０９０－１２３４－５６７８、田中です。"]).remove(0);
    let tokens: Vec<_> = out.tokens.iter().map(|t| t.surface(&out.text)).collect();
    assert_eq!(tokens, ["電話", "は", "〔電話番号〕", "、", "〔氏名〕", "です", "。"]);
    let class = lexicon().placeholder(IdentifierType::Phone);
    assert_eq!((out.tokens[2].lemma, out.tokens[2].class), class);
}

#[test]
fn found_spans_point_into_the_original() {
    let (mut redactor, mut segmenter) = redactor(Policy::default());
    // ㌔ is two characters after normalisation; the number stands at scalars 5 to 18 of the original.
    let text = "㌔です。０９０－１２３４－５６７８";
    let found = redactor.find(&mut segmenter, &[text]).unwrap().remove(0);
    assert_eq!(found, [IdentifierSpan { start: 4, end: 17, kind: IdentifierType::Phone }]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn planted_numbers_never_survive(before in "[ぁ-んァ-ン一-十、。 ]{0,12}", after in "[ぁ-んァ-ン、。 ]{0,12}", last in 1000u32..9999) {
        let out = call(Policy::default(), &[&format!("{before}、080-1234-{last}。{after}")]).remove(0);
        prop_assert!(!out.text.contains(&last.to_string()));
        // Tokens slice the text in order.
        let mut at = 0;
        for token in &out.tokens {
            prop_assert!(token.start >= at && token.start < token.end && token.end as usize <= out.text.len());
            prop_assert!(out.text.is_char_boundary(token.start as usize) && out.text.is_char_boundary(token.end as usize));
            at = token.end;
        }
    }

    #[test]
    fn no_text_stops_the_redactor(turns in prop::collection::vec(crate::redact::detector::tests::texts(), 1..4)) {
        let (mut redactor, mut segmenter) = redactor(Policy::default());
        let texts: Vec<&str> = turns.iter().map(String::as_str).collect();
        let found = redactor.find(&mut segmenter, &texts).unwrap();
        for (text, spans) in texts.iter().zip(&found) {
            let mut at = 0;
            for span in spans {
                prop_assert!(span.start >= at && span.start < span.end && span.end as usize <= text.chars().count());
                at = span.end;
            }
        }
        // The placeholders stand where the spans were.
        let out = call(Policy::whole(), &texts);
        for (utterance, spans) in out.iter().zip(&found) {
            prop_assert_eq!(utterance.removed.len(), spans.len());
        }
    }
}
