use std::collections::HashMap;

use super::*;

fn origin(url: &str) -> Origin {
    Endpoint::parse(url).expect(url).origin().clone()
}

fn of_variables(variables: &[(&str, &str)]) -> ProxyRules {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    ProxyRules::of_variables(|name| variables.get(name).map(OsString::from))
}

/// With another proxy in the environment.
fn of(proxies: &Proxies) -> ProxyRules {
    ProxyRules::new(proxies, |_| Some("http://environment:1".into()))
}

/// The address of the proxy, or the code of the fault.
fn chosen(rules: &ProxyRules, url: &str) -> Option<String> {
    match rules.choose(&origin(url)) {
        Ok(proxy) => proxy.map(|proxy| proxy.address().to_owned()),
        Err(fault) => Some(fault.code().to_owned()),
    }
}

#[test]
fn variables_are_read_as_curl_does() {
    for (variables, http, https) in [
        (&[][..], None, None),
        (&[("http_proxy", "http://a:1")], Some("a:1"), None),
        (&[("https_proxy", "http://a:1")], None, Some("a:1")),
        (&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")], None, Some("b:2")),
        (&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "")], None, Some("a:1")),
        (&[("all_proxy", "a:1"), ("http_proxy", "b:2")], Some("b:2"), Some("a:1")),
        (&[("ALL_PROXY", "a")], Some("a:80"), Some("a:80")),
        (&[("HTTP_PROXY", "a:1")], Some("a:1"), None),
        (&[("HTTP_PROXY", "a:1"), ("REQUEST_METHOD", "GET")], None, None),
        (&[("http_proxy", "a:1"), ("REQUEST_METHOD", "GET")], Some("a:1"), None),
        (&[("all_proxy", "a:1"), ("no_proxy", "*")], None, None),
        (&[("all_proxy", "a:1"), ("NO_PROXY", "example")], None, None),
        (
            &[("all_proxy", "a:1"), ("no_proxy", "other"), ("NO_PROXY", "*")],
            Some("a:1"),
            Some("a:1"),
        ),
    ] {
        let rules = of_variables(variables);
        assert_eq!(chosen(&rules, "http://h.example/").as_deref(), http, "{variables:?}");
        assert_eq!(chosen(&rules, "https://h.example/").as_deref(), https, "{variables:?}");
    }
}

#[test]
fn exempt_hosts_are_asked_directly() {
    let is_exempt = |list: &str, url: &str| {
        let http = Some(ProxyUrl::new("p:1"));
        let settings = ProxySettings { http, no_proxy: list.to_owned(), https: None };
        chosen(&of(&Proxies::Settings(settings)), url).is_none()
    };
    for (list, url) in [
        ("h.example", "http://h.example/"),
        ("example", "http://h.example:8080/"),
        (".example", "http://a.h.example/"),
        ("*.example", "http://h.example/"),
        ("other, H.Example", "http://h.example/"),
        ("other h.example", "http://h.example/"),
        ("*", "http://h.example/"),
        ("*", "http://127.0.0.1/"),
        ("x,*", "http://[::1]/"),
        ("127.0.0.1", "http://127.0.0.1:81/"),
        ("127.0.0.0/8", "http://127.9.9.9/"),
        ("fe80::/10", "http://[fe80::1]/"),
        ("::1", "http://[::1]:81/"),
    ] {
        assert!(is_exempt(list, url), "{list} {url}");
    }
    for (list, url) in [
        ("", "http://h.example/"),
        (" ,", "http://h.example/"),
        ("xample", "http://h.example/"),
        ("h.example", "http://example/"),
        ("10.0.0.0/8", "http://11.0.0.1/"),
        ("10.0.0.0/33", "http://10.0.0.1/"),
        ("127.0.0.1", "http://localhost/"),
    ] {
        assert!(!is_exempt(list, url), "{list} {url}");
    }
}

#[test]
fn what_cannot_be_used_is_told_to_those_who_need_it() {
    for (url, code) in [
        ("https://p:1", "proxy-scheme"),
        ("socks5://p:1", "proxy-scheme"),
        ("SOCKS5H://u:c4nary@p:1", "proxy-scheme"),
        ("http://", "proxy-url"),
        ("http://p:0", "proxy-url"),
        ("http://p:c4nary", "proxy-url"),
        ("http://u:c4nary/x@p:1", "proxy-url"),
        ("http://u:80/c4nary@p:1", "proxy-url"),
        ("http://u:c4nary?x@p:1", "proxy-url"),
        ("http://u%3Ac4nary@p:1", "proxy-url"),
        ("http://u:c4nary%FF@p:1", "proxy-url"),
        ("http://u:c4nary@p:1/path", "proxy-url"),
        ("http://u:c4nary@p:1 ", "proxy-url"),
    ] {
        let rules = of_variables(&[("https_proxy", url), ("no_proxy", "direct")]);
        assert_eq!(chosen(&rules, "http://h/"), None);
        assert_eq!(chosen(&rules, "https://direct/"), None);
        let fault =
            rules.choose(&origin("https://h/")).map(|_| ()).expect_err(url).at(crate::Stage::Url);
        assert_eq!(fault.code, code, "{url}");
        assert!(fault.message.contains("https_proxy"), "{fault:?}");
        assert!(!format!("{fault:?} {:?}", ProxyUrl::new(url)).contains("c4nary"), "{fault:?}");
    }
}

#[test]
fn credentials_are_for_the_proxy_and_shown_to_nobody() {
    let url = "http://al%40ice:p%3Ass@[::1]:3128/";
    let rules = of_variables(&[("http_proxy", url)]);
    let proxy = rules.choose(&origin("http://h/")).expect("it is usable").expect("there is one");
    assert_eq!(proxy.address(), "[::1]:3128");
    let field = proxy.authorization().expect("it has credentials");
    // `al@ice:p:ss`
    assert_eq!(field, "Basic YWxAaWNlOnA6c3M=");
    assert!(field.is_sensitive());
    assert_eq!(rules.secrets().collect::<Vec<_>>(), ["p:ss", "YWxAaWNlOnA6c3M="]);
    assert_eq!(format!("{:?}", ProxyUrl::new(url)), "ProxyUrl([::1]:3128)");
}

#[test]
fn settings_go_before_the_environment() {
    let direct = of(&Proxies::Direct);
    assert_eq!(chosen(&direct, "http://h/"), None);
    let https = Some(ProxyUrl::new("p:1"));
    let settings = ProxySettings { https, ..ProxySettings::default() };
    let rules = of(&Proxies::Settings(settings));
    assert_eq!(chosen(&rules, "http://h/"), None);
    assert_eq!(chosen(&rules, "https://h/").as_deref(), Some("p:1"));
}
