<?php
/**
 * Plugin Name: Hromada
 * Description: What stands on an article: who pays for it, who chose it, how to quote it and how to correct it.
 * Version: 1.0.0
 * Requires at least: 5.9
 * Requires PHP: 7.4
 * License: MIT
 *
 * One file: copy it to wp-content/plugins and switch it on. It keeps one option, "hromada", which goes
 * when it is switched off. See docs/wordpress.md.
 */

namespace Hromada;

defined( 'ABSPATH' ) || exit;

const OPTION   = 'hromada';
const TYPED    = 'hromada_typed';
const PAGE     = 'hromada';
const EVERY    = 0; // In the place of a category: all of them.
const ELEMENTS = array( 'topic', 'quote', 'correction', 'support', 'blocked' ); // In their order under a post.
const PLACES   = array( 'end', 'middle', 'bar' );

/** What stands inside the elements, for readers without JavaScript. */
const WORDS = array(
	'en' => array(
		'support'    => 'This article is free because readers pay for it.',
		'become'     => 'Become a patron',
		'ways'       => 'See other ways to support',
		'topic'      => 'See what readers want covered',
		'quote'      => 'You may quote this article with a link to it.',
		'correction' => 'Found a mistake? Tell us',
	),
	'uk' => array(
		'support'    => 'Ця стаття вільна, бо за неї платять читачі.',
		'become'     => 'Стати патроном',
		'ways'       => 'Як іще підтримати',
		'topic'      => 'Про що просять написати читачі',
		'quote'      => 'Цю статтю можна цитувати з посиланням на неї.',
		'correction' => 'Помітили помилку? Напишіть нам',
	),
	'pl' => array(
		'support'    => 'Ten artykuł jest bezpłatny, bo płacą za niego czytelnicy.',
		'become'     => 'Zostań patronem',
		'ways'       => 'Zobacz inne sposoby wsparcia',
		'topic'      => 'O czym chcą czytać czytelnicy',
		'quote'      => 'Ten tekst można cytować z linkiem do niego.',
		'correction' => 'Widzisz błąd? Napisz do nas',
	),
);

add_action( 'init', __NAMESPACE__ . '\\register' );
add_action( 'admin_init', __NAMESPACE__ . '\\register_settings' );
add_action( 'admin_menu', __NAMESPACE__ . '\\add_page' );
add_action( 'wp_enqueue_scripts', __NAMESPACE__ . '\\enqueue' );
add_action( 'wp_footer', __NAMESPACE__ . '\\bar' );
add_filter( 'the_content', __NAMESPACE__ . '\\after_post', 20 );
add_filter( 'script_loader_tag', __NAMESPACE__ . '\\as_module', 10, 2 );
register_deactivation_hook( __FILE__, __NAMESPACE__ . '\\forget' );

/** The settings: where the desk is, in which language, and after posts of which categories what stands. */
function settings(): array {
	$first = array(
		'desk'     => '',
		'language' => '',
		'bar'      => false,
		'after'    => array_fill_keys( ELEMENTS, array() ),
		'appeals'  => array(),
	);
	return array_merge( $first, (array) get_option( OPTION, array() ) );
}

function language(): string {
	$its = settings();
	return $its['language'] ? $its['language'] : get_bloginfo( 'language' );
}

function word( string $name ): string {
	$code = strtolower( substr( language(), 0, 2 ) );
	return ( WORDS[ $code ] ?? WORDS['en'] )[ $name ];
}

function register(): void {
	$desk = settings()['desk'];
	if ( $desk ) {
		wp_oembed_add_provider( $desk . '/*', $desk . '/oembed' );
	}
	wp_register_script( 'hromada', $desk . '/embed/hromada.js', array(), null, false ); // phpcs:ignore -- the desk says for how long it may be kept.
	wp_register_script( 'hromada-blocks', false, array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components', 'wp-server-side-render' ), '1.0.0', true );
	wp_add_inline_script( 'hromada-blocks', blocks_script() );
	foreach ( ELEMENTS as $element ) {
		register_block_type(
			'hromada/' . $element,
			array(
				'api_version'     => 2,
				'title'           => 'Hromada: ' . $element,
				'category'        => 'widgets',
				'editor_script'   => 'hromada-blocks',
				'attributes'      => array(
					'appeal' => array( 'type' => 'string', 'default' => '' ),
					'place'  => array( 'type' => 'string', 'default' => 'end' ),
				),
				'render_callback' => static function ( $attributes ) use ( $element ) {
					return element( $element, (array) $attributes );
				},
			)
		);
		add_shortcode(
			'hromada_' . $element,
			static function ( $attributes ) use ( $element ) {
				return element( $element, (array) $attributes );
			}
		);
	}
}

/** An element with what stands in it by itself; nothing while no desk is set. */
function element( string $name, array $attributes = array() ): string {
	$desk = settings()['desk'];
	if ( ! $desk ) {
		return '';
	}
	wp_enqueue_script( 'hromada' );
	$address = rawurlencode( (string) ( is_singular() || in_the_loop() ? get_permalink() : home_url( '/' ) ) );
	$inside  = array(
		'topic'      => link( $desk . '/topics', word( 'topic' ) ),
		'quote'      => esc_html( word( 'quote' ) ),
		'correction' => link( $desk . '/corrections/new?about=' . $address, word( 'correction' ) ),
		'support'    => esc_html( word( 'support' ) ) . ' ' . link( $desk . '/support?from=' . $address, word( 'become' ) )
			. ' · ' . link( $desk . '/support/other-ways', word( 'ways' ) ),
		'blocked'    => '',
	)[ $name ];
	$says = ' lang="' . esc_attr( language() ) . '"';
	if ( 'support' === $name ) {
		$place = in_array( $attributes['place'] ?? '', PLACES, true ) ? $attributes['place'] : 'end';
		$says .= ' place="' . esc_attr( $place ) . '"';
		if ( ! empty( $attributes['appeal'] ) ) {
			$says .= ' appeal="' . esc_attr( $attributes['appeal'] ) . '"';
		}
	}
	return "<hromada-$name$says>" . ( $inside ? "<p>$inside</p>" : '' ) . "</hromada-$name>";
}

function link( string $to, string $text ): string {
	return '<a href="' . esc_url( $to ) . '">' . esc_html( $text ) . '</a>';
}

function enqueue(): void {
	$its = settings();
	if ( $its['desk'] && ( $its['bar'] || is_singular( 'post' ) ) ) {
		wp_enqueue_script( 'hromada' );
	}
}

function as_module( string $tag, string $handle ): string {
	return 'hromada' === $handle ? str_replace( '<script ', '<script type="module" ', preg_replace( "/ type=(['\"])text\\/javascript\\1/", '', $tag ) ) : $tag;
}

function bar(): void {
	if ( settings()['bar'] && ! is_admin() ) {
		echo element( 'support', array( 'place' => 'bar' ) ); // phpcs:ignore -- escaped where it is put together.
	}
}

/** What stands under a post, by its categories. */
function after_post( string $content ): string {
	if ( ! is_singular( 'post' ) || ! in_the_loop() || ! is_main_query() || doing_filter( 'get_the_excerpt' ) ) {
		return $content;
	}
	$its        = settings();
	$categories = wp_get_post_categories( get_the_ID() );
	foreach ( ELEMENTS as $name ) {
		if ( array_intersect( $its['after'][ $name ] ?? array(), array( EVERY, ...$categories ) ) ) {
			$content .= element( $name, array( 'appeal' => appeal_of( $categories ) ) );
		}
	}
	return $content;
}

function appeal_of( array $categories ): string {
	$named = array_intersect_key( settings()['appeals'], array_flip( $categories ) );
	return (string) reset( $named );
}

function add_page(): void {
	add_options_page( 'Hromada', 'Hromada', 'manage_options', PAGE, __NAMESPACE__ . '\\page' );
}

function register_settings(): void {
	register_setting( PAGE, OPTION, array( 'sanitize_callback' => __NAMESPACE__ . '\\cleaned' ) );
}

/** What was typed as it is kept; as it stood before, where something is wrong with it. */
function cleaned( $typed ): array {
	$typed = (array) $typed;
	if ( isset( $typed['after'][ ELEMENTS[0] ] ) && ! isset( $typed['sent'] ) ) {
		return $typed; // WordPress cleans what it keeps for the first time twice.
	}
	$desk = untrailingslashit( trim( (string) ( $typed['desk'] ?? '' ) ) );
	$kept = array(
		'desk'     => esc_url_raw( $desk, array( 'https', 'http' ) ),
		'language' => sanitize_text_field( $typed['language'] ?? '' ),
		'bar'      => ! empty( $typed['bar'] ),
		'after'    => array(),
		'appeals'  => array(),
	);
	foreach ( ELEMENTS as $name ) {
		$kept['after'][ $name ] = array_map( 'absint', (array) ( $typed['after'][ $name ] ?? array() ) );
	}
	foreach ( (array) ( $typed['appeals'] ?? array() ) as $category => $appeal ) {
		$kept['appeals'][ absint( $category ) ] = sanitize_title( $appeal );
	}
	$kept['appeals'] = array_filter( $kept['appeals'] );
	$wrong           = array();
	if ( $desk && ! is_address( $desk ) ) {
		$wrong[] = 'This is no address of a desk. Write it as https://join.news.example.';
	}
	if ( $kept['language'] && ! preg_match( '/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/', $kept['language'] ) ) {
		$wrong[] = 'Write a language such as uk or pt-BR, or leave it empty.';
	}
	if ( ! $wrong ) {
		return $kept;
	}
	foreach ( $wrong as $number => $text ) {
		add_settings_error( PAGE, 'hromada-' . $number, $text );
	}
	set_transient( TYPED, array_merge( $kept, array( 'desk' => $desk ) ), MINUTE_IN_SECONDS );
	return settings();
}

function is_address( string $typed ): bool {
	$parts = filter_var( $typed, FILTER_VALIDATE_URL ) ? wp_parse_url( $typed ) : array();
	return in_array( $parts['scheme'] ?? '', array( 'https', 'http' ), true )
		&& ! array_diff( array_keys( $parts ), array( 'scheme', 'host', 'port' ) );
}

function page(): void {
	$typed = get_transient( TYPED );
	delete_transient( TYPED );
	$its        = is_array( $typed ) ? $typed : settings();
	$categories = get_categories( array( 'hide_empty' => false ) );
	?>
	<div class="wrap">
		<h1>Hromada</h1>
		<form method="post" action="options.php">
			<?php settings_fields( PAGE ); ?>
			<input type="hidden" name="hromada[sent]" value="yes">
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="hromada-desk">Address of the membership desk</label></th>
					<td><input type="text" class="regular-text" id="hromada-desk" name="hromada[desk]" value="<?php echo esc_attr( $its['desk'] ); ?>" inputmode="url" autocomplete="off">
						<p class="description">Such as https://join.news.example. There, in Settings, Articles, add the domain of this site.</p></td>
				</tr>
				<tr>
					<th scope="row"><label for="hromada-language">Language of the texts</label></th>
					<td><input type="text" class="small-text" id="hromada-language" name="hromada[language]" value="<?php echo esc_attr( $its['language'] ); ?>" autocomplete="off">
						<p class="description">Such as uk. Empty is this site’s: <?php echo esc_html( get_bloginfo( 'language' ) ); ?>.</p></td>
				</tr>
				<tr>
					<th scope="row">At the foot of the window</th>
					<td><label><input type="checkbox" name="hromada[bar]" value="1" <?php checked( $its['bar'] ); ?>> A quiet bar on every page, until it is closed</label></td>
				</tr>
			</table>
			<h2>After posts</h2>
			<table class="widefat striped" style="inline-size: auto">
				<thead><tr><th scope="col">Category</th>
					<?php foreach ( ELEMENTS as $name ) : ?><th scope="col"><?php echo esc_html( $name ); ?></th><?php endforeach; ?>
					<th scope="col">appeal</th></tr></thead>
				<tbody>
					<?php row( $its, EVERY, 'Every post' ); ?>
					<?php
					foreach ( $categories as $category ) {
						row( $its, $category->term_id, $category->name );
					}
					?>
				</tbody>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}

function row( array $its, int $category, string $title ): void {
	echo '<tr><th scope="row">' . esc_html( $title ) . '</th>';
	foreach ( ELEMENTS as $name ) {
		printf(
			'<td><input type="checkbox" name="hromada[after][%1$s][]" value="%2$d" aria-label="%3$s" %4$s></td>',
			esc_attr( $name ),
			(int) $category,
			esc_attr( $title . ': ' . $name ),
			checked( in_array( $category, $its['after'][ $name ] ?? array(), true ), true, false )
		);
	}
	if ( EVERY === $category ) {
		echo '<td></td></tr>';
		return;
	}
	printf(
		'<td><input type="text" name="hromada[appeals][%1$d]" value="%2$s" aria-label="%3$s" autocomplete="off"></td></tr>',
		(int) $category,
		esc_attr( $its['appeals'][ $category ] ?? '' ),
		esc_attr( $title . ': appeal' )
	);
}

/** The blocks as the editor knows them: shown as they will be, with an appeal to name. */
function blocks_script(): string {
	return '( function ( blocks, element, editor, components, ServerSideRender ) {
	var h = element.createElement;
	' . wp_json_encode( ELEMENTS ) . '.forEach( function ( name ) {
		blocks.registerBlockType( "hromada/" + name, {
			apiVersion: 2,
			title: "Hromada: " + name,
			icon: "groups",
			category: "widgets",
			attributes: { appeal: { type: "string", default: "" }, place: { type: "string", default: "end" } },
			edit: function ( props ) {
				var its = h( ServerSideRender, { block: "hromada/" + name, attributes: props.attributes } );
				var appeal = name === "support" && h( editor.InspectorControls, {}, h( components.PanelBody, { title: "Appeal" },
					h( components.TextControl, { label: "Name of the appeal", value: props.attributes.appeal,
						onChange: function ( appeal ) { props.setAttributes( { appeal: appeal } ); } } ) ) );
				return h( "div", editor.useBlockProps(), its, appeal );
			},
			save: function () { return null; },
		} );
	} );
}( wp.blocks, wp.element, wp.blockEditor, wp.components, wp.serverSideRender ) );';
}

/** Switched off, it leaves nothing behind. */
function forget(): void {
	delete_option( OPTION );
	delete_transient( TYPED );
}
