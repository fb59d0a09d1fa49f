"""The search worker by itself, with an index of a few lines: words, terms, order, excerpts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

# Ask a new worker; messages are the theme's: 0 sets up, 1 is ready, 2 asks, 3 answers.
ASK = """([config, docs, query]) => new Promise((resolve, reject) => {
    const worker = new Worker("/assets/searching.js");
    worker.onerror = (error) => reject(error.message);
    worker.onmessage = ({data: {type, data}}) => {
        if (type === 1) worker.postMessage({type: 2, data: query});
        if (type === 3) { worker.terminate(); resolve(data.items); }
    };
    worker.postMessage({type: 0, data: {config, docs, options: {}}});
})"""
Ask = Callable[..., list[list[dict[str, Any]]]]
TERMS = [
    ["反向传播", "backpropagation"],
    ["自动微分", "自动求导", "automatic differentiation", "autograd"],
    ["矩阵", "matrix"],
    ["学习率", "learning rate"],
    ["批量大小", "batch size"],
    ["梯度", "gradient", "∇"],
    ["岭回归", "regularization"],
    ["权重衰减", "regularization"],
]


@pytest.fixture(scope="module")
def blank(chromium: Browser, site_url: str) -> Iterator[Page]:
    """A page of the site, from where workers may be started."""
    page = chromium.new_page(base_url=site_url)
    page.goto("/404.html")
    yield page
    page.close()


@pytest.fixture
def ask(blank: Page) -> Ask:
    def ask(query: str, texts: Sequence[str], titles: Sequence[str] = (), **more: object) -> Any:
        """Pages p0, p1, … with these texts; what the worker answers."""
        titles = [*titles, *(["-"] * (len(texts) - len(titles)))]
        docs = [
            {"location": f"p{i}/", "title": title, "text": text}
            for i, (title, text) in enumerate(zip(titles, texts, strict=True))
        ]
        return blank.evaluate(ASK, [{"terms": TERMS, **more}, docs, query])

    return ask


def found(items: list[list[dict[str, Any]]]) -> list[str]:
    return [page[0]["location"] for page in items]


FORMS = [
    "train training trained trains trainer",
    "gradient gradients",
    "matrix matrices",
    "vertex vertices",
    "index indices indexes indexing",
    "axis axes",
    "loss losses",
    "copy copies copied copying",
    "share shared sharing shares",
    "stop stopped stopping",
    "embed embedding embeddings",
    "minimum minima",
    "optimize optimizer optimization optimizing",
    "differentiate differentiation differentiating differentiable",
    "propagate propagation",
    "accumulate accumulation accumulated",
    "converge convergence converges convergent",
    "multiply multiplication multiplied",
    "convex convexity",
    "sparse sparsity",
    "numeric numerical numerically",
    "regress regression",
    "batch batches",
    "bias biases",
    "regularize regularization regularise regularisation regularised",
    "supervised supervision",
    "behavior behaviour behaviours",
    "explain explainable explainability",
    "stable stability",
]


@pytest.mark.parametrize("forms", FORMS)
def test_every_form_of_a_word_finds_every_other(ask: Ask, forms: str) -> None:
    for form in forms.split():
        assert len(ask(form, [f"<p>{other}</p>" for other in forms.split()])) == len(forms.split())


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("norms", "normal"),
        ("number", "numb"),
        ("string", "str"),
        ("need", "ne"),
        ("ping", "p"),
        ("speed", "sp"),
        ("integer", "integral"),
        ("rank", "ran"),
    ],
)
def test_words_that_only_look_alike_are_not_found(ask: Ask, query: str, text: str) -> None:
    assert ask(query, [f"<p>{text}</p>"]) == []


def test_the_beginning_of_a_word_finds_it_but_the_whole_word_comes_first(ask: Ask) -> None:
    assert found(ask("grad", ["<p>gradient</p>", "<p>grad</p>", "<p>upgrade</p>"])) == [
        "p1/",
        "p0/",
    ]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("gradeint", "gradient"),
        ("gradiant", "gradient"),
        ("jacobain", "Jacobian"),
        ("brodcasting", "broadcasting"),
        ("backpropogation", "backpropagation"),
        ("regresion", "regression"),
        ("tenosr", "tensor"),
        ("eigenvaleu", "eigenvalue"),
    ],
)
def test_a_misspelt_word_finds_what_was_meant(ask: Ask, query: str, text: str) -> None:
    assert found(ask(query, [f"<p>{text}</p>", "<p>something else</p>"])) == ["p0/"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("反向传波", "反向传播"),
        ("反象传播算法", "backpropagation"),
        ("批量大少", "批量大小"),
        ("学习中的自动徽分", "automatic differentiation"),
    ],
)
def test_a_term_with_a_wrong_character_is_found(ask: Ask, query: str, text: str) -> None:
    assert found(ask(query, [f"<p>{text}</p>", "<p>另一个 other</p>"])) == ["p0/"]


def test_characters_that_stand_somewhere_are_not_taken_for_a_wrong_term(ask: Ask) -> None:
    assert found(ask("后向传播", ["<p>后向传播</p>", "<p>backpropagation</p>"])) == ["p0/"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("batchsize", "the batch size"),
        ("batchsize", "批量大小"),
        ("learningrates", "学习率"),
        ("zerograd", "optimizer.zero_grad()"),
        ("lerningrate", "the learning rates"),
        ("multilayer", "a multi-layer network"),
    ],
)
def test_words_written_without_the_blank_between_are_found(ask: Ask, query: str, text: str) -> None:
    texts = ["<p>batch, rate, zero, layer, batch.</p>", f"<p>{text}</p>"]
    assert found(ask(query, texts))[0] == "p1/"


def test_a_word_that_is_the_beginning_of_one_is_not_cut(ask: Ask) -> None:
    assert found(ask("understa", ["<p>understand</p>", "<p>under sta</p>"]))[0] == "p0/"


@pytest.mark.parametrize("text", ["梯度", "gradients"])
def test_a_sign_is_found_as_a_name_of_its_term(ask: Ask, text: str) -> None:
    assert found(ask("∇", [f"<p>{text}</p>", "<p>x</p>"])) == ["p0/"]


def test_a_name_that_two_terms_share_finds_both(ask: Ask) -> None:
    texts = ["<p>岭回归</p>", "<p>权重衰减</p>", "<p>x</p>"]
    assert set(found(ask("regularisation", texts))) == {"p0/", "p1/"}


def test_a_word_that_stands_somewhere_is_not_taken_for_a_misspelling(ask: Ask) -> None:
    assert found(ask("cost", ["<p>cost</p>", "<p>most</p>", "<p>cast</p>"])) == ["p0/"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("安装pytorch", "怎么安装 PyTorch"),
        ("pytorch安装", "怎么安装 PyTorch"),
        ("Adam优化器", "优化器有 Adam"),
        ("用GPU训练", "训练时用 GPU"),
        ("view和reshape", "reshape 与 view"),
        ("relu函数", "函数 relu"),
    ],
)
def test_words_of_two_scripts_need_no_blank_between(ask: Ask, query: str, text: str) -> None:
    assert found(ask(query, ["<p>无关 other</p>", f"<p>{text}</p>"]))[0] == "p1/"


@pytest.mark.parametrize("query", ["學習率", "學习率"])
def test_traditional_characters_find_simplified_text(ask: Ask, query: str) -> None:
    variants = {"variants": ["学學", "习習"]}
    assert found(ask(query, ["<p>矩阵</p>", "<p>学习率</p>"], **variants)) == ["p1/"]


@pytest.mark.parametrize("query", ["Attention", "attention", "ATTENTION", "ａｔｔｅｎｔｉｏｎ"])
def test_case_and_width_of_letters_do_not_matter(ask: Ask, query: str) -> None:
    assert found(ask(query, ["<p>Attention is used.</p>"])) == ["p0/"]


def test_the_last_character_of_a_chinese_query_counts(ask: Ask) -> None:
    """The theme's own worker drops it: 矩阵秩 would be 矩阵."""
    texts = ["<p>矩阵。</p>", "<p>矩阵有秩。</p>", "<p>秩。</p>"]
    assert found(ask("矩阵秩", texts))[0] == "p1/"
    assert found(ask("矩阵的秩", texts))[0] == "p1/"


def test_chinese_is_not_found_across_the_end_of_a_sentence(ask: Ask) -> None:
    assert found(ask("反向", ["<p>先反。向前走</p>", "<p>反向</p>"])) == ["p1/"]


def test_a_term_is_not_taken_apart(ask: Ask) -> None:
    texts = ["<p>学习一种率直的说法，学习，学习</p>", "<p>选学习率</p>"]
    assert found(ask("学习率", texts))[0] == "p1/"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("backpropagation", "反向传播"),
        ("反向传播", "Backpropagation is used."),
        ("自动求导", "automatic differentiation"),
        ("autograd", "自动微分"),
        ("learning rates", "学习率"),
        ("what is backpropagation?", "反向传播"),
        ("什么是反向传播", "backpropagation"),
    ],
)
def test_a_term_is_found_by_its_other_names(ask: Ask, query: str, text: str) -> None:
    assert found(ask(query, [f"<p>{text}</p>", "<p>其他 other</p>"])) == ["p0/"]


def test_a_term_that_is_nowhere_as_a_whole_is_found_by_its_parts(ask: Ask) -> None:
    assert found(ask("learning rate", ["<p>x</p>", "<p>The rate is 0.1.</p>"])) == ["p1/"]


def test_the_name_that_was_typed_comes_first(ask: Ask) -> None:
    assert found(ask("autograd", ["<p>自动微分</p>", "<p>autograd</p>"])) == ["p1/", "p0/"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("zero_grad", "optimizer.zero_grad()"),
        ("zero_gr", "optimizer.zero_grad()"),
        ("optimizer.zero_grad()", "optimizer.zero_grad()"),
        ("data loader", "DataLoader(x)"),
        ("mini-batch", "minibatch"),
        ("x.grad", "print(x.grad)"),
        ("0.05", "rate = 0.05"),
    ],
)
def test_names_in_code_are_found(ask: Ask, query: str, text: str) -> None:
    texts = [f"<pre><code>{text}</code></pre>", "<p>zero. data. mini.</p>"]
    assert found(ask(query, texts))[0] == "p0/"


def test_a_section_with_all_that_was_asked_comes_before_one_that_repeats_a_part(ask: Ask) -> None:
    texts = ["<p>ridge ridge ridge ridge ridge</p>", "<p>ridge and lasso</p>"]
    assert found(ask("ridge lasso", texts))[0] == "p1/"


def test_a_title_counts_more_than_text_and_a_whole_title_most(ask: Ask) -> None:
    texts = ["<p>About norms, norms and norms.</p>", "<p>x</p>", "<p>x</p>"]
    titles = ["Text", "Norms of a large matrix", "Norms"]
    assert found(ask("norms", texts, titles)) == ["p2/", "p1/", "p0/"]


def test_missing_words_are_named_and_found_ones_are_handed_on(ask: Ask) -> None:
    (page,) = ask("Ridge lasso", ["<p>The ridge.</p>"] * 1 + ["<p>-</p>"])
    assert page[0]["terms"] == {"ridge": True, "lasso": False}


def test_an_excerpt_is_markup_of_ours_only(ask: Ask) -> None:
    text = '<p>Set <code>x &lt; 3 &amp;&amp; f("&lt;img src=x&gt;")</code> to train.</p>'
    (page,) = ask("img", [text])
    assert page[0]["text"] == (
        '<p>Set <code>x &lt; 3 &amp;&amp; f("&lt;<mark>img</mark> src=x&gt;")</code> to train.</p>'
    )


def test_an_excerpt_begins_with_a_sentence_and_ends_in_time(ask: Ask) -> None:
    before, after = "Some words before. " * 40, " And many words after." * 40
    (page,) = ask("lasso", [f"<p>{before}Here is the lasso.{after}</p>"])
    text = page[0]["text"]
    assert text.startswith("<p>Here is the <mark>lasso</mark>. And many")
    assert text.endswith("…</p>")
    assert len(text) < 300


def test_an_excerpt_of_a_long_sentence_begins_with_a_word(ask: Ask) -> None:
    (page,) = ask("lasso", [f"<p>{'word ' * 200}lasso{' word' * 200}</p>"])
    assert page[0]["text"].startswith("<p>…word word")
    assert page[0]["text"].endswith(" word…</p>") or page[0]["text"].endswith(" word …</p>")


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", '"', "\\", "+-*~^:", "*", "title:", "<b>", "𠮷", "的", "什么", "the"),
        *("constructor", "__proto__", "a" * 5000, "矩" * 500, "矩阵 " * 100),
    ],
)
def test_whatever_is_typed_gets_an_answer(ask: Ask, query: str) -> None:
    for page in ask(query, ["<p>the 的 矩阵 什么 b</p>"]):
        assert page[0]["location"] == "p0/"


def test_an_index_without_terms_or_pages_is_searched(blank: Page) -> None:
    assert blank.evaluate(ASK, [{}, [], "x"]) == []
    docs = [
        {"location": "", "title": "", "text": ""},
        {"location": "#a", "title": "A", "text": "x"},
    ]
    items = blank.evaluate(ASK, [{}, docs, "x"])
    assert [entry["location"] for entry in items[0]] == ["#a", ""]
